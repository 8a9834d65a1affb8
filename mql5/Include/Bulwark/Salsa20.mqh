// Salsa20, HSalsa20 and XSalsa20 (Bernstein, public domain).
#ifndef BULWARK_SALSA20_MQH
#define BULWARK_SALSA20_MQH

uint BwRotate(const uint value,const int bits)
  {
   return((value<<bits) | (value>>(32-bits)));
  }

uint BwRead32(const uchar &b[],const int at)
  {
   return((uint)b[at] | ((uint)b[at+1]<<8) | ((uint)b[at+2]<<16) | ((uint)b[at+3]<<24));
  }

void BwWrite32(uchar &b[],const int at,const uint value)
  {
   b[at]=(uchar)(value & 0xFF);
   b[at+1]=(uchar)((value>>8) & 0xFF);
   b[at+2]=(uchar)((value>>16) & 0xFF);
   b[at+3]=(uchar)((value>>24) & 0xFF);
  }

void BwQuarter(uint &x[],const int a,const int b,const int c,const int d)
  {
   x[b]=x[b]^BwRotate(x[a]+x[d],7);
   x[c]=x[c]^BwRotate(x[b]+x[a],9);
   x[d]=x[d]^BwRotate(x[c]+x[b],13);
   x[a]=x[a]^BwRotate(x[d]+x[c],18);
  }

// 20 rounds over the 16 words.
void BwSalsaRounds(uint &x[])
  {
   for(int i=0; i<10; i++)
     {
      BwQuarter(x,0,4,8,12);
      BwQuarter(x,5,9,13,1);
      BwQuarter(x,10,14,2,6);
      BwQuarter(x,15,3,7,11);
      BwQuarter(x,0,1,2,3);
      BwQuarter(x,5,6,7,4);
      BwQuarter(x,10,11,8,9);
      BwQuarter(x,15,12,13,14);
     }
  }

// The state: "expand 32-byte k", the key, and 16 bytes of input that begin at `from`.
void BwSalsaState(uint &x[],const uchar &key[],const uchar &data[],const int from)
  {
   x[0]=0x61707865;
   x[5]=0x3320646E;
   x[10]=0x79622D32;
   x[15]=0x6B206574;
   for(int i=0; i<4; i++)
     {
      x[1+i]=BwRead32(key,4*i);
      x[11+i]=BwRead32(key,16+4*i);
      x[6+i]=BwRead32(data,from+4*i);
     }
  }

// A key of 32 bytes from a key and 16 bytes of input.
void BwHSalsa20(uchar &out[],const uchar &key[],const uchar &data[])
  {
   uint x[16];
   BwSalsaState(x,key,data,0);
   BwSalsaRounds(x);
   ArrayResize(out,32);
   for(int i=0; i<4; i++)
     {
      BwWrite32(out,4*i,x[5*i]);
      BwWrite32(out,16+4*i,x[6+i]);
     }
  }

// One block of 64 bytes of the key stream.
void BwSalsa20Block(uchar &out[],const uchar &key[],const uchar &nonceAndCounter[])
  {
   uint x[16];
   uint y[16];
   BwSalsaState(x,key,nonceAndCounter,0);
   for(int i=0; i<16; i++)
      y[i]=x[i];
   BwSalsaRounds(x);
   for(int i=0; i<16; i++)
      BwWrite32(out,4*i,x[i]+y[i]);
  }

// XSalsa20 with a nonce of 24 bytes. The first 32 bytes of the stream become `first` (the key of
// Poly1305); data[from..from+count) is encrypted or decrypted in place with what follows.
void BwXSalsa20(uchar &data[],const int from,const int count,const uchar &nonce[],const uchar &key[],
                uchar &first[])
  {
   uchar subkey[];
   uchar block[64];
   uchar counter[16];
   BwHSalsa20(subkey,key,nonce);
   for(int i=0; i<8; i++)
     {
      counter[i]=nonce[16+i];
      counter[8+i]=0;
     }
   BwSalsa20Block(block,subkey,counter);
   ArrayResize(first,32);
   for(int i=0; i<32; i++)
      first[i]=block[i];
   uint number=0;
   int used=32;
   for(int i=0; i<count; i++)
     {
      if(used==64)
        {
         number++;
         BwWrite32(counter,8,number);
         BwSalsa20Block(block,subkey,counter);
         used=0;
        }
      data[from+i]=(uchar)(data[from+i]^block[used]);
      used++;
     }
  }

#endif
