// Poly1305 (RFC 8439, section 2.5), after Andrew Moon's public-domain poly1305-donna: five limbs of
// 26 bits.
#ifndef BULWARK_POLY1305_MQH
#define BULWARK_POLY1305_MQH

#include "Salsa20.mqh"

#define BW_MAC_BYTES 16
#define BW_LIMB 0x3FFFFFF
// Written as a shift: what type a literal with bit 31 set has is the compiler's business.
#define BW_LOW32 (((ulong)1<<32)-1)

// h += block; h *= r (mod 2^130 - 5).
void BwPolyBlock(ulong &h[],const ulong &r[],const uchar &m[],const int at,const ulong high)
  {
   h[0]+=(ulong)(BwRead32(m,at) & BW_LIMB);
   h[1]+=(ulong)((BwRead32(m,at+3)>>2) & BW_LIMB);
   h[2]+=(ulong)((BwRead32(m,at+6)>>4) & BW_LIMB);
   h[3]+=(ulong)((BwRead32(m,at+9)>>6) & BW_LIMB);
   h[4]+=(ulong)(BwRead32(m,at+12)>>8) | high;
   ulong d[5];
   for(int i=0; i<5; i++)
     {
      d[i]=0;
      for(int k=0; k<5; k++)
         d[i]+=h[k]*((k<=i) ? r[i-k] : 5*r[5+i-k]);
     }
   ulong carry=0;
   for(int i=0; i<5; i++)
     {
      d[i]+=carry;
      carry=d[i]>>26;
      h[i]=d[i] & BW_LIMB;
     }
   h[0]+=carry*5;
   carry=h[0]>>26;
   h[0]=h[0] & BW_LIMB;
   h[1]+=carry;
  }

void BwPolyCarry(ulong &h[])
  {
   ulong carry=h[1]>>26;
   h[1]=h[1] & BW_LIMB;
   for(int i=2; i<5; i++)
     {
      h[i]+=carry;
      carry=h[i]>>26;
      h[i]=h[i] & BW_LIMB;
     }
   h[0]+=carry*5;
   carry=h[0]>>26;
   h[0]=h[0] & BW_LIMB;
   h[1]+=carry;
  }

// h mod 2^130 - 5, then mod 2^128, plus the second half of the key.
void BwPolyFinish(uchar &mac[],ulong &h[],const uchar &key[])
  {
   ulong g[5];
   BwPolyCarry(h);
   BwPolyCarry(h);
   ulong carry=5;
   for(int i=0; i<5; i++)
     {
      g[i]=h[i]+carry;
      carry=g[i]>>26;
      g[i]=g[i] & BW_LIMB;
     }
   // carry is 1 exactly when h >= p: then g is the rest, else h.
   const ulong useG=(ulong)0-carry;
   for(int i=0; i<5; i++)
      h[i]=(h[i] & ~useG) | (g[i] & useG);
   ulong f[4];
   f[0]=(h[0] | (h[1]<<26)) & BW_LOW32;
   f[1]=((h[1]>>6) | (h[2]<<20)) & BW_LOW32;
   f[2]=((h[2]>>12) | (h[3]<<14)) & BW_LOW32;
   f[3]=((h[3]>>18) | (h[4]<<8)) & BW_LOW32;
   ArrayResize(mac,BW_MAC_BYTES);
   carry=0;
   for(int i=0; i<4; i++)
     {
      const ulong sum=f[i]+(ulong)BwRead32(key,16+4*i)+carry;
      BwWrite32(mac,4*i,(uint)(sum & BW_LOW32));
      carry=sum>>32;
     }
  }

// MAC of data[from..from+count) under a one-time key of 32 bytes.
void BwPoly1305(uchar &mac[],const uchar &data[],const int from,const int count,const uchar &key[])
  {
   ulong h[5];
   ulong r[5];
   for(int i=0; i<5; i++)
      h[i]=0;
   r[0]=(ulong)(BwRead32(key,0) & 0x3FFFFFF);
   r[1]=(ulong)((BwRead32(key,3)>>2) & 0x3FFFF03);
   r[2]=(ulong)((BwRead32(key,6)>>4) & 0x3FFC0FF);
   r[3]=(ulong)((BwRead32(key,9)>>6) & 0x3F03FFF);
   r[4]=(ulong)((BwRead32(key,12)>>8) & 0x00FFFFF);
   int at=0;
   while(count-at>=16)
     {
      BwPolyBlock(h,r,data,from+at,(ulong)1<<24);
      at+=16;
     }
   if(at<count)
     {
      uchar last[16];
      ArrayInitialize(last,0);
      for(int i=0; at+i<count; i++)
         last[i]=data[from+at+i];
      last[count-at]=1;
      BwPolyBlock(h,r,last,0,0);
     }
   BwPolyFinish(mac,h,key);
  }

#endif
