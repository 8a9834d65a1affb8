// One line on the chart with every state: what a person sees who looks at the terminal.
#ifndef BULWARK_STATUS_MQH
#define BULWARK_STATUS_MQH

#include "Session.mqh"
#include "Notices.mqh"

#define BW_STATUS_EVERY_MS 500

ulong g_bwStatusMs=0;
// Why the EA does nothing at all; empty while it works.
string g_bwIdle="";

string BwLinkStatus()
  {
   if(BwLinkUp(g_bwLink))
      return("up to "+BwLinkEndpoint(g_bwLink));
   if(g_bwLink.peer.state!=BW_PEER_DOWN)
      return("shaking hands with "+BwLinkEndpoint(g_bwLink));
   if(g_bwLink.lastFault!="")
      return("down ("+g_bwLink.lastFault+")");
   return("connecting to "+BwLinkEndpoint(g_bwLink));
  }

string BwSessionStatus()
  {
   if(!BwWelcomed())
      return("none");
   return(g_bwSession.active ? "active" : "standby");
  }

string BwLeaseStatus()
  {
   if(g_bwRegister.holder=="")
      return("free");
   const string name="epoch "+IntegerToString(g_bwRegister.epoch);
   if(g_bwRegister.lapsed)
      return(name+" LAPSED");
   return(name+", "+IntegerToString((g_bwRegister.leaseMs-g_bwRegister.silentMs)/1000)+" s");
  }

string BwGuardStatus()
  {
   if(!g_bwGuard.armed)
      return("none");
   if(g_bwGuard.tripped)
      return("TRIPPED at "+BwMoney(g_bwGuard.tripEquity));
   return("floor "+BwMoney(BwFloor(g_bwGuard)+g_bwGuard.buffer));
  }

string BwDeadManStatus()
  {
   if(g_bwGuard.deadMan=="none")
      return("none");
   if(g_bwGuard.deadManActed)
      return(g_bwGuard.deadMan+" ACTED");
   return(g_bwGuard.deadMan+" after "+IntegerToString(g_bwGuard.deadManAfterMs/1000)+" s");
  }

string BwSwitchStatus()
  {
   BwSwitches s;
   BwReadSwitches(s);
   if(s.terminal && s.mql && s.account && s.expert)
      return("on");
   string off="";
   if(!s.terminal)
      off+=" AutoTrading";
   if(!s.mql)
      off+=" 'Allow Algo Trading' of this EA";
   if(!s.account)
      off+=" the account (investor login?)";
   if(!s.expert)
      off+=" experts, by the broker";
   return("OFF:"+off);
  }

string BwStatusLine()
  {
   if(g_bwIdle!="")
      return("Bulwark "+BW_VERSION+" | "+g_bwIdle);
   string line="Bulwark ";
   line+=BW_VERSION;
   line+=" | link "+BwLinkStatus();
   line+=" | session "+BwSessionStatus();
   line+=" | lease "+BwLeaseStatus();
   line+=" | trading "+BwSwitchStatus();
   line+=" | guard "+BwGuardStatus();
   line+=" | dead man "+BwDeadManStatus();
   line+=" | journal "+(g_bwDb==INVALID_HANDLE ? "CLOSED" : "open");
   line+=" | history "+(g_bwProof.proven ? "proven" : "not proven");
   line+=" | closing "+IntegerToString(g_bwSweep.who==BW_SWEEP_NONE ? 0 : g_bwSweep.count-g_bwSweep.at);
   line+=" | ticks "+IntegerToString(g_bwCounters.ticks);
   line+=" | orders "+IntegerToString(g_bwCounters.orders);
   line+=" | bad "+IntegerToString(g_bwCounters.malformed);
   return(line);
  }

void BwStatusPump()
  {
   const ulong now=BwRunMs();
   if(g_bwStatusMs!=0 && now-g_bwStatusMs<BW_STATUS_EVERY_MS)
      return;
   g_bwStatusMs=now;
   Comment(BwStatusLine());
  }

#endif
