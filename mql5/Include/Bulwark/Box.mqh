// crypto_box of NaCl: X25519, then XSalsa20-Poly1305. A sealed text is the MAC (16 bytes) and the
// cipher text.
#ifndef BULWARK_BOX_MQH
#define BULWARK_BOX_MQH

#include "X25519.mqh"
#include "Poly1305.mqh"
#include "Bytes.mqh"

#define BW_NONCE_BYTES 24

// The key that two parties share.
void BwBoxKey(uchar &key[],const uchar &theirPublic[],const uchar &ourSecret[])
  {
   uchar shared[];
   uchar zeros[16];
   ArrayInitialize(zeros,0);
   BwX25519(shared,ourSecret,theirPublic);
   BwHSalsa20(key,shared,zeros);
   ArrayInitialize(shared,0);
  }

// Appends the sealed plain text to `out`.
void BwSeal(BwBytes &out,const BwBytes &plain,const uchar &nonce[],const uchar &key[])
  {
   uchar first[];
   uchar mac[];
   const int at=out.size;
   BwPutZeros(out,BW_MAC_BYTES);
   BwPutBytes(out,plain);
   if(out.overflow)
      return;
   BwXSalsa20(out.data,at+BW_MAC_BYTES,plain.size,nonce,key,first);
   BwPoly1305(mac,out.data,at+BW_MAC_BYTES,plain.size,first);
   for(int i=0; i<BW_MAC_BYTES; i++)
      out.data[at+i]=mac[i];
  }

// Opens sealed[from..from+count) into `plain`. False: it was not sealed with this key and nonce.
bool BwUnseal(BwBytes &plain,const BwBytes &sealed,const int from,const int count,
              const uchar &nonce[],const uchar &key[])
  {
   uchar first[];
   uchar mac[];
   uchar none[];
   BwClear(plain);
   if(count<BW_MAC_BYTES)
      return(false);
   ArrayResize(none,0);
   BwXSalsa20(none,0,0,nonce,key,first);
   BwPoly1305(mac,sealed.data,from+BW_MAC_BYTES,count-BW_MAC_BYTES,first);
   int different=0;
   for(int i=0; i<BW_MAC_BYTES; i++)
      different=different | ((int)mac[i]^(int)sealed.data[from+i]);
   if(different!=0)
      return(false);
   BwPutArray(plain,sealed.data,from+BW_MAC_BYTES,count-BW_MAC_BYTES);
   BwXSalsa20(plain.data,0,plain.size,nonce,key,first);
   return(!plain.overflow);
  }

#define BW_Z85_TEXT 40

int BwZ85Digit(const int unit)
  {
   const string digits="0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
   for(int i=0; i<85; i++)
      if((int)StringGetCharacter(digits,i)==unit)
         return(i);
   return(-1);
  }

// A key as ZeroMQ writes it: 40 characters of Z85. False when the text is none.
bool BwZ85Key(const string text,uchar &key[])
  {
   if(StringLen(text)!=BW_Z85_TEXT)
      return(false);
   ArrayResize(key,BW_KEY_BYTES);
   for(int word=0; word<8; word++)
     {
      ulong value=0;
      for(int i=0; i<5; i++)
        {
         const int digit=BwZ85Digit((int)StringGetCharacter(text,5*word+i));
         if(digit<0)
            return(false);
         value=value*85+(ulong)digit;
        }
      if(value>BW_LOW32)
         return(false);
      for(int i=0; i<4; i++)
         key[4*word+i]=(uchar)((value>>(8*(3-i))) & 0xFF);
     }
   return(true);
  }

#endif
