// The published vectors of the EA's own cryptography, and how long they take.
#include <Bulwark/CryptoTest.mqh>

void OnStart()
  {
   const string broken=BwCryptoTest();
   Print("crypto: ",broken=="" ? "all vectors hold" : broken);
  }
