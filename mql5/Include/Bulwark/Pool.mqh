// Randomness for keys. MQL5 has no secure source of it, so the operator brings 32 random bytes once
// (`bulwark keys generate`), and every draw replaces the pool by a hash of it before the draw is used: no key
// is ever made twice, and a later look at the pool does not give the earlier keys. What is lost
// against real randomness: docs/security.md.
#ifndef BULWARK_POOL_MQH
#define BULWARK_POOL_MQH

#include "Bytes.mqh"
#include "Clock.mqh"
#include "Log.mqh"

#define BW_POOL_BYTES 32
// Counter (8), pool (32), SHA-256 of both (32).
#define BW_SLOT_BYTES 72

struct BwPool
  {
   bool              ready;
   string            file;
   ulong             counter;
   uchar             bytes[32];
  };

BwPool g_bwPool;

bool BwSha256(const BwBytes &b,uchar &digest[])
  {
   uchar text[];
   uchar key[];
   ArrayResize(key,0);
   ArrayResize(text,b.size);
   if(b.size>0)
      ArrayCopy(text,b.data,0,0,b.size);
   const bool good=(!b.overflow && CryptEncode(CRYPT_HASH_SHA256,text,key,digest)==32);
   ArrayInitialize(text,0);
   return(good);
  }

string BwSlotName(const int slot)
  {
   return(g_bwPool.file+(slot==0 ? ".a" : ".b"));
  }

// The counter of a slot, or 0 when it is not whole. Its pool goes into `bytes`.
ulong BwSlotRead(const int slot,uchar &bytes[])
  {
   if(!FileIsExist(BwSlotName(slot)))
      return(0);
   const int file=FileOpen(BwSlotName(slot),FILE_READ | FILE_BIN);
   if(file==INVALID_HANDLE)
      return(0);
   uchar raw[];
   const uint read=FileReadArray(file,raw);
   FileClose(file);
   if(read!=BW_SLOT_BYTES)
      return(0);
   BwBytes head;
   uchar digest[];
   BwClear(head);
   BwPutArray(head,raw,0,8+BW_POOL_BYTES);
   if(!BwSha256(head,digest))
      return(0);
   for(int i=0; i<32; i++)
      if(digest[i]!=raw[8+BW_POOL_BYTES+i])
         return(0);
   for(int i=0; i<BW_POOL_BYTES; i++)
      bytes[i]=raw[8+i];
   return(BwReadBig(head,0,8));
  }

bool BwSlotWrite(const int slot,const BwBytes &whole)
  {
   const int file=FileOpen(BwSlotName(slot),FILE_WRITE | FILE_BIN);
   if(file==INVALID_HANDLE)
      return(false);
   const uint written=FileWriteArray(file,whole.data,0,whole.size);
   FileFlush(file);
   FileClose(file);
   return(written==BW_SLOT_BYTES);
  }

// Both slots, one after the other: there is no atomic replacement, and one of them is always whole.
// The second write also removes the older pool from the disk.
bool BwPoolWrite()
  {
   BwBytes whole;
   uchar digest[];
   BwClear(whole);
   BwPutBig(whole,g_bwPool.counter,8);
   BwPutArray(whole,g_bwPool.bytes,0,BW_POOL_BYTES);
   if(!BwSha256(whole,digest))
      return(false);
   BwPutArray(whole,digest,0,32);
   const int first=(int)(g_bwPool.counter%2);
   return(BwSlotWrite(first,whole) && BwSlotWrite(1-first,whole));
  }

// SHA-256(purpose, pool, counter, clocks, extra). The clocks are no secret and are not counted on.
bool BwPoolHash(const int purpose,const BwBytes &extra,uchar &digest[])
  {
   BwBytes text;
   BwClear(text);
   BwPutByte(text,purpose);
   BwPutArray(text,g_bwPool.bytes,0,BW_POOL_BYTES);
   BwPutBig(text,g_bwPool.counter,8);
   BwPutBig(text,BwMono(),8);
   BwPutBig(text,GetMicrosecondCount(),8);
   BwPutBytes(text,extra);
   return(BwSha256(text,digest));
  }

// Replaces the pool by a hash of it and `extra`, on the disk first.
bool BwPoolStep(const BwBytes &extra)
  {
   uchar next[];
   if(!g_bwPool.ready || !BwPoolHash(2,extra,next))
      return(false);
   g_bwPool.counter++;
   for(int i=0; i<BW_POOL_BYTES; i++)
      g_bwPool.bytes[i]=next[i];
   g_bwPool.ready=BwPoolWrite();
   return(g_bwPool.ready);
  }

// 32 bytes for one key. False: the pool could not be written, and nothing may be made of it.
bool BwPoolDraw(uchar &drawn[])
  {
   BwBytes nothing;
   BwClear(nothing);
   return(BwPoolHash(1,nothing,drawn) && BwPoolStep(nothing));
  }

// Opens the pool of an account. `seed` is the operator's 32 bytes; it counts only where there is no
// pool yet, and has to be taken out of the inputs afterwards.
bool BwPoolOpen(const string login,const uchar &seed[],const bool seeded)
  {
   uchar other[32];
   g_bwPool.file="Bulwark_pool_"+login;
   ArrayInitialize(other,0);
   const ulong a=BwSlotRead(0,g_bwPool.bytes);
   const ulong b=BwSlotRead(1,other);
   g_bwPool.counter=(a>b) ? a : b;
   if(b>a)
      for(int i=0; i<BW_POOL_BYTES; i++)
         g_bwPool.bytes[i]=other[i];
   g_bwPool.ready=(g_bwPool.counter>0);
   if(g_bwPool.ready)
      return(true);
   if(!seeded)
     {
      BwLog(BW_LOG_ERROR,"there is no key pool: set InpPoolSeed once (mql5/INSTALL.md)");
      return(false);
     }
   for(int i=0; i<BW_POOL_BYTES; i++)
      g_bwPool.bytes[i]=seed[i];
   g_bwPool.ready=true;
   BwBytes nothing;
   BwClear(nothing);
   BwLog(BW_LOG_WARNING,"the key pool was made from InpPoolSeed: empty that input now");
   return(BwPoolStep(nothing));
  }

#endif
