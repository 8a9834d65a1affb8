// A bounded, growing byte buffer, and the conversions between text and UTF-8.
#ifndef BULWARK_BYTES_MQH
#define BULWARK_BYTES_MQH

#include "Limits.mqh"

struct BwBytes
  {
   uchar             data[];
   int               size;
   // Something did not fit. Sticky until BwClear: the content is then not to be used.
   bool              overflow;
  };

void BwClear(BwBytes &b)
  {
   b.size=0;
   b.overflow=false;
  }

// Gives the memory back: a buffer that once held a megabyte should not hold it for ever.
void BwFree(BwBytes &b)
  {
   ArrayFree(b.data);
   BwClear(b);
  }

bool BwReserve(BwBytes &b,const int extra)
  {
   if(extra<0 || b.overflow || b.size>BW_BUFFER_BYTES-extra)
     {
      b.overflow=true;
      return(false);
     }
   const int need=b.size+extra;
   const int have=ArraySize(b.data);
   if(need<=have)
      return(true);
   int grown=have*2;
   if(grown<256)
      grown=256;
   if(grown<need)
      grown=need;
   if(grown>BW_BUFFER_BYTES)
      grown=BW_BUFFER_BYTES;
   if(ArrayResize(b.data,grown)<need)
     {
      b.overflow=true;
      return(false);
     }
   return(true);
  }

void BwPutByte(BwBytes &b,const int value)
  {
   if(!BwReserve(b,1))
      return;
   b.data[b.size]=(uchar)(value & 0xFF);
   b.size++;
  }

void BwPutZeros(BwBytes &b,const int count)
  {
   if(!BwReserve(b,count))
      return;
   for(int i=0; i<count; i++)
      b.data[b.size+i]=0;
   b.size+=count;
  }

void BwPutArray(BwBytes &b,const uchar &from[],const int start,const int count)
  {
   if(count<=0 || !BwReserve(b,count))
      return;
   if(start<0 || start>ArraySize(from)-count)
     {
      b.overflow=true;
      return;
     }
   ArrayCopy(b.data,from,b.size,start,count);
   b.size+=count;
  }

void BwPutBytes(BwBytes &b,const BwBytes &from)
  {
   if(from.overflow)
      b.overflow=true;
   BwPutArray(b,from.data,0,from.size);
  }

// Big endian, as ZMTP writes lengths.
void BwPutBig(BwBytes &b,const ulong value,const int bytes)
  {
   for(int i=bytes-1; i>=0; i--)
      BwPutByte(b,(int)((value>>(8*i)) & 0xFF));
  }

// Little endian, as tick batches are written.
void BwPutLittle(BwBytes &b,const ulong value,const int bytes)
  {
   for(int i=0; i<bytes; i++)
      BwPutByte(b,(int)((value>>(8*i)) & 0xFF));
  }

ulong BwReadBig(const BwBytes &b,const int at,const int bytes)
  {
   ulong value=0;
   for(int i=0; i<bytes; i++)
      value=(value<<8) | (ulong)b.data[at+i];
   return(value);
  }

// An integer that a double holds exactly, as the bits of that double.
void BwPutDouble(BwBytes &b,const long value)
  {
   if(value==0)
     {
      BwPutZeros(b,8);
      return;
     }
   ulong magnitude=(value<0) ? (ulong)(-value) : (ulong)value;
   int exponent=52;
   while(magnitude>=((ulong)1<<53))
     {
      magnitude=magnitude>>1;
      exponent++;
     }
   while((magnitude & ((ulong)1<<52))==0 && exponent>-1)
     {
      magnitude=magnitude<<1;
      exponent--;
     }
   ulong bits=((ulong)(exponent+1023)<<52) | (magnitude & (((ulong)1<<52)-1));
   if(value<0)
      bits=bits | ((ulong)1<<63);
   BwPutLittle(b,bits,8);
  }

void BwPutPoint(BwBytes &b,const int code)
  {
   if(code<0x80)
      BwPutByte(b,code);
   else
      if(code<0x800)
        {
         BwPutByte(b,0xC0 | (code>>6));
         BwPutByte(b,0x80 | (code & 0x3F));
        }
      else
         if(code<0x10000)
           {
            BwPutByte(b,0xE0 | (code>>12));
            BwPutByte(b,0x80 | ((code>>6) & 0x3F));
            BwPutByte(b,0x80 | (code & 0x3F));
           }
         else
           {
            BwPutByte(b,0xF0 | (code>>18));
            BwPutByte(b,0x80 | ((code>>12) & 0x3F));
            BwPutByte(b,0x80 | ((code>>6) & 0x3F));
            BwPutByte(b,0x80 | (code & 0x3F));
           }
  }

bool BwIsHighSurrogate(const int unit)
  {
   return(unit>=0xD800 && unit<=0xDBFF);
  }

bool BwIsLowSurrogate(const int unit)
  {
   return(unit>=0xDC00 && unit<=0xDFFF);
  }

// Text as UTF-8. A lone surrogate has no UTF-8 and becomes the replacement character.
void BwPutUtf8(BwBytes &b,const string text)
  {
   const int length=StringLen(text);
   for(int i=0; i<length; i++)
     {
      int unit=(int)StringGetCharacter(text,i);
      if(BwIsHighSurrogate(unit) && i+1<length)
        {
         const int low=(int)StringGetCharacter(text,i+1);
         if(BwIsLowSurrogate(low))
           {
            BwPutPoint(b,0x10000+((unit-0xD800)<<10)+(low-0xDC00));
            i++;
            continue;
           }
        }
      if(BwIsHighSurrogate(unit) || BwIsLowSurrogate(unit))
         unit=0xFFFD;
      BwPutPoint(b,unit);
     }
  }

// Number of bytes of the character that starts here, or 0 where it is not well-formed UTF-8.
int BwUtf8Length(const uchar &data[],const int at,const int end)
  {
   const int first=(int)data[at];
   if(first<0x80)
      return(1);
   int length=0;
   if(first>=0xC2 && first<=0xDF)
      length=2;
   else
      if(first>=0xE0 && first<=0xEF)
         length=3;
      else
         if(first>=0xF0 && first<=0xF4)
            length=4;
   if(length==0 || at+length>end)
      return(0);
   for(int i=1; i<length; i++)
      if(((int)data[at+i] & 0xC0)!=0x80)
         return(0);
   const int second=(int)data[at+1];
   if(first==0xE0 && second<0xA0)
      return(0);
   if(first==0xED && second>0x9F)
      return(0);
   if(first==0xF0 && second<0x90)
      return(0);
   if(first==0xF4 && second>0x8F)
      return(0);
   return(length);
  }

bool BwIsUtf8(const uchar &data[],const int from,const int to)
  {
   int at=from;
   while(at<to)
     {
      const int length=BwUtf8Length(data,at,to);
      if(length==0)
         return(false);
      at+=length;
     }
   return(true);
  }

string BwTextOf(const uchar &data[],const int from,const int count)
  {
   if(count<=0)
      return("");
   return(CharArrayToString(data,from,count,CP_UTF8));
  }

string BwHex(const uchar &data[],const int count)
  {
   string text="";
   for(int i=0; i<count; i++)
      text+=StringFormat("%02x",(int)data[i]);
   return(text);
  }

// SHA-256 of the first `count` bytes, in lower-case hex; empty when the terminal refuses.
string BwSha256Hex(const uchar &data[],const int count)
  {
   uchar input_bytes[];
   uchar key[];
   uchar digest[];
   ArrayResize(input_bytes,count);
   ArrayResize(key,0);
   if(count>0)
      ArrayCopy(input_bytes,data,0,0,count);
   if(CryptEncode(CRYPT_HASH_SHA256,input_bytes,key,digest)!=32)
      return("");
   return(BwHex(digest,32));
  }

string BwHashOf(const BwBytes &b)
  {
   if(b.overflow)
      return("");
   return(BwSha256Hex(b.data,b.size));
  }

#endif
