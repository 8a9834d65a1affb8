// Exact conversion between decimal text, scaled integers and the terminal's doubles.
#ifndef BULWARK_NUMBERS_MQH
#define BULWARK_NUMBERS_MQH

#include "Limits.mqh"

#define BW_MAX_DIGITS 18
#define BW_LOT_DIGITS 8

bool BwIsDigit(const int unit)
  {
   return(unit>='0' && unit<='9');
  }

long BwPower10(const int exponent)
  {
   long value=1;
   for(int i=0; i<exponent; i++)
      value*=10;
   return(value);
  }

// The wire's form of a decimal: -?\d{1,18}(\.\d{1,10})?
bool BwIsDecimal(const string text)
  {
   const int length=StringLen(text);
   int at=0;
   if(length>0 && StringGetCharacter(text,0)=='-')
      at=1;
   int whole=0;
   while(at<length && BwIsDigit((int)StringGetCharacter(text,at)))
     {
      whole++;
      at++;
     }
   if(whole<1 || whole>18)
      return(false);
   if(at==length)
      return(true);
   if(StringGetCharacter(text,at)!='.')
      return(false);
   at++;
   const int fraction=length-at;
   if(fraction<1 || fraction>10)
      return(false);
   for(; at<length; at++)
      if(!BwIsDigit((int)StringGetCharacter(text,at)))
         return(false);
   return(true);
  }

// Decimal text as an integer scaled by 10^scale. False when it is no decimal, is finer than the
// scale, or does not fit: it is never rounded, because a rounded stop would be a wrong one.
bool BwParseScaled(const string text,const int scale,long &value)
  {
   value=0;
   if(!BwIsDecimal(text))
      return(false);
   const int length=StringLen(text);
   int end=length;
   const int dot=StringFind(text,".");
   if(dot>=0)
      while(end>dot+1 && StringGetCharacter(text,end-1)=='0')
         end--;
   const int fraction=(dot<0) ? 0 : end-dot-1;
   if(fraction>scale)
      return(false);
   const bool negative=(StringGetCharacter(text,0)=='-');
   long sum=0;
   for(int i=(negative ? 1 : 0); i<end; i++)
     {
      const int unit=(int)StringGetCharacter(text,i);
      if(unit=='.')
         continue;
      if(sum>(LONG_MAX-9)/10)
         return(false);
      sum=sum*10+(long)(unit-'0');
     }
   for(int i=fraction; i<scale; i++)
     {
      if(sum>LONG_MAX/10)
         return(false);
      sum*=10;
     }
   value=negative ? -sum : sum;
   return(true);
  }

// Exactly `scale` digits after the point.
string BwFormatScaled(const long value,const int scale)
  {
   const bool negative=(value<0);
   string digits=IntegerToString(negative ? -value : value);
   while(StringLen(digits)<scale+1)
      digits="0"+digits;
   const int whole=StringLen(digits)-scale;
   string text=StringSubstr(digits,0,whole);
   if(scale>0)
      text=text+"."+StringSubstr(digits,whole,scale);
   if(negative)
      text="-"+text;
   return(text);
  }

// Nearest integer of a terminal's double at a scale.
long BwScaled(const double value,const int scale)
  {
   return((long)MathRound(value*(double)BwPower10(scale)));
  }

string BwFormatDouble(const double value,const int digits)
  {
   return(BwFormatScaled(BwScaled(value,digits),digits));
  }

double BwUnscaled(const long value,const int scale)
  {
   return(NormalizeDouble((double)value/(double)BwPower10(scale),scale));
  }

// Shortest text of a volume: 0.1, 1, 0.01.
string BwFormatLots(const double lots)
  {
   string text=BwFormatDouble(lots,BW_LOT_DIGITS);
   int end=StringLen(text);
   while(end>0 && StringGetCharacter(text,end-1)=='0')
      end--;
   if(end>0 && StringGetCharacter(text,end-1)=='.')
      end--;
   return(StringSubstr(text,0,end));
  }

// Unsigned 64-bit numbers: tickets and magics. IntegerToString would show the upper half negative.
string BwFormatUlong(const ulong value)
  {
   if(value==0)
      return("0");
   string text="";
   ulong rest=value;
   while(rest>0)
     {
      text=IntegerToString((long)(rest%10))+text;
      rest=rest/10;
     }
   return(text);
  }

// 1 to 20 digits that fit 64 bits.
bool BwParseUlong(const string text,ulong &value)
  {
   value=0;
   const int length=StringLen(text);
   if(length<1 || length>20)
      return(false);
   const ulong most=ULONG_MAX;
   ulong sum=0;
   for(int i=0; i<length; i++)
     {
      const int unit=(int)StringGetCharacter(text,i);
      if(!BwIsDigit(unit))
         return(false);
      const ulong digit=(ulong)(unit-'0');
      if(sum>(most-digit)/10)
         return(false);
      sum=sum*10+digit;
     }
   value=sum;
   return(true);
  }

// Compares without loss: 1, 0, -1.
int BwCompareUlong(const ulong a,const ulong b)
  {
   if(a==b)
      return(0);
   return(a<b ? -1 : 1);
  }

string BwTrim(const string text)
  {
   string trimmed=text;
   StringTrimLeft(trimmed);
   StringTrimRight(trimmed);
   return(trimmed);
  }

#endif
