// The binary frame of ticks, layout 1: u8 layout, u8 0, u16 symbols, u32 ticks; per symbol u8 length
// and UTF-8; per tick u16 symbol, f64 time, f64 bid, f64 ask (whole numbers, little endian).
#ifndef BULWARK_TICK_BATCH_MQH
#define BULWARK_TICK_BATCH_MQH

#include "Bytes.mqh"

void BwPutTickHead(BwBytes &b,const int symbols,const int ticks)
  {
   BwPutByte(b,BW_TICK_LAYOUT);
   BwPutByte(b,0);
   BwPutLittle(b,(ulong)symbols,2);
   BwPutLittle(b,(ulong)ticks,4);
  }

void BwPutTickName(BwBytes &b,const string symbol)
  {
   BwBytes name;
   BwClear(name);
   BwPutUtf8(name,symbol);
   // 255 bytes is more than the terminal allows a symbol's name.
   if(name.size>255)
      b.overflow=true;
   BwPutByte(b,name.size);
   BwPutBytes(b,name);
  }

void BwPutTick(BwBytes &b,const int symbol,const long msc,const long bid,const long ask)
  {
   BwPutLittle(b,(ulong)symbol,2);
   BwPutDouble(b,msc);
   BwPutDouble(b,bid);
   BwPutDouble(b,ask);
  }

#endif
