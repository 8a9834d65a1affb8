// The EA's transport alone: sends every message back. What its round trip costs is measured with it.
#include <Bulwark/Link.mqh>

input string InpEndpoint="";
input string InpServerKey="";
input string InpSecretKey="";
input string InpPoolSeed="";

bool BwEchoReady()
  {
   uchar seed[];
   if(BwLinkSetup(g_bwLink,InpEndpoint,"1@Echo/ea")==0 ||
      BwCurveSetup(g_bwLink.peer.curve,InpServerKey,InpSecretKey)!="")
      return(false);
   if(!g_bwLink.peer.curve.enabled)
      return(true);
   return(BwZ85Key(InpPoolSeed,seed) && BwPoolOpen("echo",seed,true));
  }

void BwEcho(const BwBytes &text)
  {
   BwBytes nothing;
   BwClear(nothing);
   BwPeerSend(g_bwLink.peer,text,nothing,false);
  }

void OnStart()
  {
   bool wasUp=false;
   if(!BwEchoReady())
      return;
   while(!wasUp || BwLinkUp(g_bwLink))
     {
      BwLinkPump(g_bwLink,BwRunMs());
      while(BwPeerNext(g_bwLink.peer)==BW_NEXT_MESSAGE)
        {
         BwEcho(g_bwLink.peer.first);
         BwPeerTaken(g_bwLink.peer);
        }
      BwPeerCompact(g_bwLink.peer);
      if(!wasUp && BwLinkUp(g_bwLink))
        {
         BwBytes here;
         BwClear(here);
         BwPutUtf8(here,"here");
         BwEcho(here);
         wasUp=true;
        }
      BwLinkFlush(g_bwLink,BwRunMs());
      BwLinkPark(g_bwLink,BW_PARK_MS,BwRunMs());
     }
  }
