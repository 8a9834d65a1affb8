// Published vectors, computed at every start of an EA that uses keys: a compiler that got one of the
// primitives wrong must not be trusted with the link.
#ifndef BULWARK_CRYPTO_TEST_MQH
#define BULWARK_CRYPTO_TEST_MQH

#include "Box.mqh"

void BwFromHex(const string text,uchar &bytes[])
  {
   const int count=StringLen(text)/2;
   ArrayResize(bytes,count);
   for(int i=0; i<count; i++)
     {
      int value=0;
      for(int k=0; k<2; k++)
        {
         const int unit=(int)StringGetCharacter(text,2*i+k);
         value=value*16+((unit>='a') ? unit-'a'+10 : unit-'0');
        }
      bytes[i]=(uchar)value;
     }
  }

bool BwIsHex(const uchar &bytes[],const int count,const string wanted)
  {
   return(BwHex(bytes,count)==wanted);
  }

// RFC 7748, section 6.1.
bool BwTestX25519()
  {
   uchar alice[];
   uchar bob[];
   uchar alicePublic[];
   uchar bobPublic[];
   uchar shared[];
   BwFromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",alice);
   BwFromHex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",bob);
   BwX25519Public(alicePublic,alice);
   BwX25519Public(bobPublic,bob);
   BwX25519(shared,alice,bobPublic);
   return(BwIsHex(alicePublic,32,"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a") &&
          BwIsHex(bobPublic,32,"de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f") &&
          BwIsHex(shared,32,"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"));
  }

// RFC 8439, section 2.5.2.
bool BwTestPoly1305()
  {
   uchar key[];
   uchar mac[];
   BwBytes text;
   BwClear(text);
   BwFromHex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b",key);
   BwPutUtf8(text,"Cryptographic Forum Research Group");
   BwPoly1305(mac,text.data,0,text.size,key);
   return(BwIsHex(mac,16,"a8061dc1305136c6c22b8baf0c0127a9"));
  }

// "Cryptography in NaCl", sections 8 to 10: the shared key, and a box of 131 bytes.
bool BwTestBox()
  {
   uchar alice[];
   uchar bobPublic[];
   uchar key[];
   uchar nonce[];
   uchar message[];
   string m="be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a";
   m+="1ac728d45e6c61296cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057";
   m+="e2f6556ad6b1318a024a838f21af1fde048977eb48f59ffd4924ca1c60902e52f0a089bc76897040";
   m+="e082f937763848645e0705";
   string c="f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4";
   c+="476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738";
   c+="b48eeee314a7cc8ab932164548e526ae90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de";
   c+="56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5";
   BwFromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",alice);
   BwFromHex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",bobPublic);
   BwFromHex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37",nonce);
   BwFromHex(m,message);
   BwBoxKey(key,bobPublic,alice);
   if(!BwIsHex(key,32,"1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389"))
      return(false);
   BwBytes plain;
   BwBytes sealed;
   BwBytes opened;
   BwClear(plain);
   BwClear(sealed);
   BwPutArray(plain,message,0,ArraySize(message));
   BwSeal(sealed,plain,nonce,key);
   if(!BwIsHex(sealed.data,sealed.size,c) || !BwUnseal(opened,sealed,0,sealed.size,nonce,key) ||
      !BwIsHex(opened.data,opened.size,m))
      return(false);
   // One bit different anywhere, and it must not open.
   sealed.data[sealed.size-1]=(uchar)(sealed.data[sealed.size-1]^1);
   return(!BwUnseal(opened,sealed,0,sealed.size,nonce,key));
  }

// FIPS 180-2: SHA-256 is the terminal's own.
bool BwTestSha256()
  {
   BwBytes text;
   BwClear(text);
   BwPutUtf8(text,"abc");
   return(BwHashOf(text)=="ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

// Empty when all is well, else the name of what is wrong.
string BwCryptoTest()
  {
   if(!BwTestSha256())
      return("SHA-256");
   if(!BwTestX25519())
      return("X25519");
   if(!BwTestPoly1305())
      return("Poly1305");
   return(BwTestBox() ? "" : "XSalsa20-Poly1305");
  }

#endif
