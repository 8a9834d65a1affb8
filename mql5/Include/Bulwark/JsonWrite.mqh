// JSON written straight into a byte buffer. Strings are escaped exactly as JSON.stringify does, so
// that a hash over what was written is the hash the runtime computes over what it read.
#ifndef BULWARK_JSON_WRITE_MQH
#define BULWARK_JSON_WRITE_MQH

#include "Bytes.mqh"
#include "Numbers.mqh"

// A comma, unless something has just been opened.
void BwComma(BwBytes &b)
  {
   if(b.size==0)
      return;
   const int last=(int)b.data[b.size-1];
   if(last!='{' && last!='[' && last!=':')
      BwPutByte(b,',');
  }

void BwPutEscaped(BwBytes &b,const int unit)
  {
   BwPutByte(b,'\\');
   if(unit=='"' || unit=='\\')
      BwPutByte(b,unit);
   else
      if(unit==8)
         BwPutByte(b,'b');
      else
         if(unit==9)
            BwPutByte(b,'t');
         else
            if(unit==10)
               BwPutByte(b,'n');
            else
               if(unit==12)
                  BwPutByte(b,'f');
               else
                  if(unit==13)
                     BwPutByte(b,'r');
                  else
                     BwPutUtf8(b,StringFormat("u%04x",unit));
  }

void BwPutQuoted(BwBytes &b,const string text)
  {
   BwPutByte(b,'"');
   const int length=StringLen(text);
   for(int i=0; i<length; i++)
     {
      const int unit=(int)StringGetCharacter(text,i);
      const bool paired=BwIsHighSurrogate(unit) && i+1<length &&
                        BwIsLowSurrogate((int)StringGetCharacter(text,i+1));
      if(paired)
        {
         BwPutUtf8(b,StringSubstr(text,i,2));
         i++;
        }
      else
         if(unit<32 || unit=='"' || unit=='\\' || BwIsHighSurrogate(unit) || BwIsLowSurrogate(unit))
            BwPutEscaped(b,unit);
         else
            BwPutPoint(b,unit);
     }
   BwPutByte(b,'"');
  }

void BwKey(BwBytes &b,const string name)
  {
   BwComma(b);
   BwPutQuoted(b,name);
   BwPutByte(b,':');
  }

void BwOpen(BwBytes &b,const int bracket)
  {
   BwComma(b);
   BwPutByte(b,bracket);
  }

void BwClose(BwBytes &b,const int bracket)
  {
   BwPutByte(b,bracket);
  }

void BwOpenKey(BwBytes &b,const string name,const int bracket)
  {
   BwKey(b,name);
   BwPutByte(b,bracket);
  }

void BwKeyText(BwBytes &b,const string name,const string value)
  {
   BwKey(b,name);
   BwPutQuoted(b,value);
  }

void BwKeyInt(BwBytes &b,const string name,const long value)
  {
   BwKey(b,name);
   BwPutUtf8(b,IntegerToString(value));
  }

void BwKeyBool(BwBytes &b,const string name,const bool value)
  {
   BwKey(b,name);
   BwPutUtf8(b,value ? "true" : "false");
  }

void BwKeyNull(BwBytes &b,const string name)
  {
   BwKey(b,name);
   BwPutUtf8(b,"null");
  }

void BwKeyTicket(BwBytes &b,const string name,const ulong value)
  {
   BwKeyText(b,name,BwFormatUlong(value));
  }

// 0 is how the terminal says "none".
void BwKeyTicketOrNull(BwBytes &b,const string name,const ulong value)
  {
   if(value==0)
      BwKeyNull(b,name);
   else
      BwKeyTicket(b,name,value);
  }

void BwKeyDecimal(BwBytes &b,const string name,const double value,const int digits)
  {
   BwKeyText(b,name,BwFormatDouble(value,digits));
  }

void BwKeyLevel(BwBytes &b,const string name,const double value,const int digits)
  {
   if(value==0.0)
      BwKeyNull(b,name);
   else
      BwKeyDecimal(b,name,value,digits);
  }

void BwKeyLots(BwBytes &b,const string name,const double lots)
  {
   BwKeyText(b,name,BwFormatLots(lots));
  }

// A plain number with a fraction. Shortest form: no trailing zeros.
void BwKeyReal(BwBytes &b,const string name,const double value)
  {
   BwKey(b,name);
   if(!MathIsValidNumber(value))
     {
      BwPutByte(b,'0');
      return;
     }
   BwPutUtf8(b,BwFormatLots(value));
  }

#endif
