// X25519 (RFC 7748), after TweetNaCl's public-domain code: no branch and no index depends on a
// secret. A field element is 16 limbs of 16 bits, kept in 64-bit numbers.
#ifndef BULWARK_X25519_MQH
#define BULWARK_X25519_MQH

#define BW_KEY_BYTES 32

void BwFieldCarry(long &o[])
  {
   for(int i=0; i<16; i++)
     {
      o[i]+=65536;
      const long c=o[i]>>16;
      if(i<15)
         o[i+1]+=c-1;
      else
         o[0]+=38*(c-1);
      o[i]-=c*65536;
     }
  }

// Swaps p and q when bit is 1, in the same time as when it is 0.
void BwFieldSwap(long &p[],long &q[],const int bit)
  {
   const long mask=-(long)bit;
   for(int i=0; i<16; i++)
     {
      const long t=mask & (p[i]^q[i]);
      p[i]=p[i]^t;
      q[i]=q[i]^t;
     }
  }

void BwFieldAdd(long &o[],const long &a[],const long &b[])
  {
   for(int i=0; i<16; i++)
      o[i]=a[i]+b[i];
  }

void BwFieldSub(long &o[],const long &a[],const long &b[])
  {
   for(int i=0; i<16; i++)
      o[i]=a[i]-b[i];
  }

void BwFieldMul(long &o[],const long &a[],const long &b[])
  {
   long t[31];
   for(int i=0; i<31; i++)
      t[i]=0;
   for(int i=0; i<16; i++)
     {
      const long factor=a[i];
      for(int k=0; k<16; k++)
         t[i+k]+=factor*b[k];
     }
   for(int i=0; i<15; i++)
      t[i]+=38*t[i+16];
   for(int i=0; i<16; i++)
      o[i]=t[i];
   BwFieldCarry(o);
   BwFieldCarry(o);
  }

// o = 1/a, as a to the power of p-2.
void BwFieldInvert(long &o[],const long &a[])
  {
   long c[16];
   for(int i=0; i<16; i++)
      c[i]=a[i];
   for(int bit=253; bit>=0; bit--)
     {
      BwFieldMul(c,c,c);
      if(bit!=2 && bit!=4)
         BwFieldMul(c,c,a);
     }
   for(int i=0; i<16; i++)
      o[i]=c[i];
  }

void BwFieldRead(long &o[],const uchar &bytes[])
  {
   for(int i=0; i<16; i++)
      o[i]=(long)bytes[2*i]+((long)bytes[2*i+1]<<8);
   o[15]=o[15] & 0x7FFF;
  }

void BwFieldWrite(uchar &bytes[],const long &a[])
  {
   long m[16];
   long t[16];
   for(int i=0; i<16; i++)
      t[i]=a[i];
   BwFieldCarry(t);
   BwFieldCarry(t);
   BwFieldCarry(t);
   for(int round=0; round<2; round++)
     {
      m[0]=t[0]-0xFFED;
      for(int i=1; i<15; i++)
        {
         m[i]=t[i]-0xFFFF-((m[i-1]>>16) & 1);
         m[i-1]=m[i-1] & 0xFFFF;
        }
      m[15]=t[15]-0x7FFF-((m[14]>>16) & 1);
      const int borrow=(int)((m[15]>>16) & 1);
      m[14]=m[14] & 0xFFFF;
      BwFieldSwap(t,m,1-borrow);
     }
   ArrayResize(bytes,BW_KEY_BYTES);
   for(int i=0; i<16; i++)
     {
      bytes[2*i]=(uchar)(t[i] & 0xFF);
      bytes[2*i+1]=(uchar)((t[i]>>8) & 0xFF);
     }
  }

// One step of the Montgomery ladder. a,c and b,d are the two points; x the base point.
void BwLadderStep(long &a[],long &b[],long &c[],long &d[],const long &x[])
  {
   long e[16];
   long f[16];
   long k[16];
   for(int i=0; i<16; i++)
      k[i]=0;
   k[0]=0xDB41;
   k[1]=1;
   BwFieldAdd(e,a,c);
   BwFieldSub(a,a,c);
   BwFieldAdd(c,b,d);
   BwFieldSub(b,b,d);
   BwFieldMul(d,e,e);
   BwFieldMul(f,a,a);
   BwFieldMul(a,c,a);
   BwFieldMul(c,b,e);
   BwFieldAdd(e,a,c);
   BwFieldSub(a,a,c);
   BwFieldMul(b,a,a);
   BwFieldSub(c,d,f);
   BwFieldMul(a,c,k);
   BwFieldAdd(a,a,d);
   BwFieldMul(c,c,a);
   BwFieldMul(a,d,f);
   BwFieldMul(d,b,x);
   BwFieldMul(b,e,e);
  }

// shared = secret * point, all of 32 bytes.
void BwX25519(uchar &shared[],const uchar &secret[],const uchar &point[])
  {
   uchar z[32];
   long x[16];
   long a[16];
   long b[16];
   long c[16];
   long d[16];
   for(int i=0; i<32; i++)
      z[i]=secret[i];
   z[31]=(uchar)((z[31] & 127) | 64);
   z[0]=(uchar)(z[0] & 248);
   BwFieldRead(x,point);
   for(int i=0; i<16; i++)
     {
      b[i]=x[i];
      a[i]=0;
      c[i]=0;
      d[i]=0;
     }
   a[0]=1;
   d[0]=1;
   for(int i=254; i>=0; i--)
     {
      const int bit=((int)z[i>>3]>>(i & 7)) & 1;
      BwFieldSwap(a,b,bit);
      BwFieldSwap(c,d,bit);
      BwLadderStep(a,b,c,d,x);
      BwFieldSwap(a,b,bit);
      BwFieldSwap(c,d,bit);
     }
   BwFieldInvert(c,c);
   BwFieldMul(a,a,c);
   BwFieldWrite(shared,a);
   ArrayInitialize(z,0);
  }

// The public key of a secret one.
void BwX25519Public(uchar &key[],const uchar &secret[])
  {
   uchar base[32];
   ArrayInitialize(base,0);
   base[0]=9;
   BwX25519(key,secret,base);
  }

#endif
