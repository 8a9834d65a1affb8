// ZMTP 3.x framing (RFC 23): frames out of a byte stream, frames into a buffer.
#ifndef BULWARK_ZMTP_FRAMES_MQH
#define BULWARK_ZMTP_FRAMES_MQH

#include "Bytes.mqh"

#define BW_FLAG_MORE 1
#define BW_FLAG_LONG 2
#define BW_FLAG_COMMAND 4

#define BW_FRAME_NONE 0
#define BW_FRAME_READY 1
#define BW_FRAME_BROKEN 2

// One frame inside a buffer: where its body starts, how long it is.
struct BwFrame
  {
   int               flags;
   int               start;
   int               length;
   int               next;
  };

void BwPutFrameHead(BwBytes &b,const int flags,const int length)
  {
   if(length>255)
     {
      BwPutByte(b,flags | BW_FLAG_LONG);
      BwPutBig(b,(ulong)length,8);
     }
   else
     {
      BwPutByte(b,flags);
      BwPutByte(b,length);
     }
  }

void BwPutFrame(BwBytes &b,const int flags,const BwBytes &body)
  {
   BwPutFrameHead(b,flags,body.size);
   BwPutBytes(b,body);
  }

// Looks at the frame that starts at `at`. BROKEN: no peer that speaks ZMTP would send it.
int BwNextFrame(const BwBytes &b,const int at,const int most,BwFrame &frame)
  {
   const int have=b.size-at;
   if(have<2)
      return(BW_FRAME_NONE);
   frame.flags=(int)b.data[at];
   if((frame.flags & ~(BW_FLAG_MORE | BW_FLAG_LONG | BW_FLAG_COMMAND))!=0)
      return(BW_FRAME_BROKEN);
   if((frame.flags & BW_FLAG_COMMAND)!=0 && (frame.flags & BW_FLAG_MORE)!=0)
      return(BW_FRAME_BROKEN);
   const bool big=((frame.flags & BW_FLAG_LONG)!=0);
   const int head=big ? 9 : 2;
   if(have<head)
      return(BW_FRAME_NONE);
   const ulong length=BwReadBig(b,at+1,head-1);
   if(length>(ulong)most)
      return(BW_FRAME_BROKEN);
   frame.length=(int)length;
   frame.start=at+head;
   frame.next=frame.start+frame.length;
   return(frame.next<=b.size ? BW_FRAME_READY : BW_FRAME_NONE);
  }

// Forgets the first `count` bytes.
void BwDropFront(BwBytes &b,const int count)
  {
   if(count<=0)
      return;
   const int rest=b.size-count;
   for(int i=0; i<rest; i++)
      b.data[i]=b.data[count+i];
   b.size=rest;
  }

// A command starts with the length and the letters of its name. Index behind it, or -1.
int BwCommandNamed(const BwBytes &b,const BwFrame &frame,const string name)
  {
   const int length=StringLen(name);
   if(frame.length<length+1 || (int)b.data[frame.start]!=length)
      return(-1);
   for(int i=0; i<length; i++)
      if((int)b.data[frame.start+1+i]!=(int)StringGetCharacter(name,i))
         return(-1);
   return(frame.start+1+length);
  }

void BwPutCommandName(BwBytes &b,const string name)
  {
   BwPutByte(b,StringLen(name));
   BwPutUtf8(b,name);
  }

void BwPutProperty(BwBytes &b,const string name,const string value)
  {
   BwBytes text;
   BwClear(text);
   BwPutUtf8(text,value);
   BwPutByte(b,StringLen(name));
   BwPutUtf8(b,name);
   BwPutBig(b,(ulong)text.size,4);
   BwPutBytes(b,text);
  }

// What a DEALER says of itself in READY (NULL) or INITIATE (CURVE).
void BwPutMetadata(BwBytes &b,const string identity)
  {
   BwPutProperty(b,"Socket-Type","DEALER");
   BwPutProperty(b,"Identity",identity);
  }

bool BwBytesAre(const BwBytes &b,const int at,const string text)
  {
   const int length=StringLen(text);
   for(int i=0; i<length; i++)
      if((int)b.data[at+i]!=(int)StringGetCharacter(text,i))
         return(false);
   return(true);
  }

// Value of "Socket-Type" is ROUTER, and the list of properties is well formed.
bool BwIsRouterMetadata(const BwBytes &b,const int from,const int to)
  {
   int at=from;
   bool router=false;
   while(at<to)
     {
      const int name=(int)b.data[at];
      if(name==0 || at+1+name+4>to)
         return(false);
      const ulong value=BwReadBig(b,at+1+name,4);
      const int start=at+1+name+4;
      if(value>(ulong)(to-start))
         return(false);
      if(name==11 && BwBytesAre(b,at+1,"Socket-Type"))
         router=((int)value==6 && BwBytesAre(b,start,"ROUTER"));
      at=start+(int)value;
     }
   return(router);
  }

void BwPutGreeting(BwBytes &b,const string mechanism)
  {
   BwPutByte(b,0xFF);
   BwPutZeros(b,8);
   BwPutByte(b,0x7F);
   BwPutByte(b,3);
   BwPutByte(b,1);
   BwPutUtf8(b,mechanism);
   BwPutZeros(b,20-StringLen(mechanism));
   BwPutZeros(b,32);
  }

#define BW_GREETING_BYTES 64

// True while what has come so far may still become the greeting of a peer with this mechanism.
bool BwGreetingFits(const BwBytes &b,const string mechanism)
  {
   if(b.size>0 && b.data[0]!=0xFF)
      return(false);
   if(b.size>9 && b.data[9]!=0x7F)
      return(false);
   if(b.size>10 && b.data[10]<3)
      return(false);
   const int letters=StringLen(mechanism);
   for(int i=0; i<20 && 12+i<b.size; i++)
     {
      const int wanted=(i<letters) ? (int)StringGetCharacter(mechanism,i) : 0;
      if((int)b.data[12+i]!=wanted)
         return(false);
     }
   return(true);
  }

#endif
