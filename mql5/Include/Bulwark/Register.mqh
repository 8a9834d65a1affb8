// The claim register: which epoch is the highest, and who holds it. It is on the disk before it is
// granted, so that no two controllers ever share an epoch.
#ifndef BULWARK_REGISTER_MQH
#define BULWARK_REGISTER_MQH

#include "Say.mqh"
#include "Heard.mqh"

void BwRegisterLoad()
  {
   g_bwRegister.epoch=BwStoreGetLong("register.epoch",0);
   g_bwRegister.holder=BwStoreGet("register.holder","");
   g_bwRegister.leaseMs=BwStoreGetLong("register.leaseMs",0);
   g_bwRegister.lapsed=(BwStoreGetLong("register.lapsed",0)!=0);
   g_bwRegister.silentMs=0;
   g_bwRegister.paused=false;
   g_bwRegister.countedMs=BwMono();
  }

bool BwRegisterWrite(const long epoch,const string holder,const long leaseMs,const bool lapsed)
  {
   if(!BwStoreBegin())
      return(false);
   const bool good=BwStoreSetLong("register.epoch",epoch) && BwStoreSet("register.holder",holder) &&
                   BwStoreSetLong("register.leaseMs",leaseMs) &&
                   BwStoreSetLong("register.lapsed",lapsed ? 1 : 0);
   return(BwStoreEnd(good));
  }

void BwRefuseClaim(const string reason)
  {
   BwSay("claim.refused");
   BwKeyText(g_bwMessage,"reason",reason);
   BwKeyInt(g_bwMessage,"highestEpoch",g_bwRegister.epoch);
   BwKeyTextOrNull(g_bwMessage,"holder",g_bwRegister.holder);
   BwSaid();
  }

// Compares without stopping at the first difference: the time tells nothing about the secret.
bool BwSameSecret(const string a,const string b)
  {
   const int length=StringLen(a);
   if(length!=StringLen(b))
      return(false);
   int different=0;
   for(int i=0; i<length; i++)
      different=different | ((int)StringGetCharacter(a,i) ^ (int)StringGetCharacter(b,i));
   return(different==0);
  }

// Grants the next epoch when nobody holds the lease, the claimant does, it lapsed, or the operator's
// token is shown.
void BwOnClaim()
  {
   const long expected=BwCountIn(0,"expected");
   const string instance=BwTextIn(0,"instanceId");
   const long leaseMs=BwIntIn(0,"leaseMs");
   const string token=BwTextOrNullIn(0,"takeoverToken");
   if(g_bwHeard.bad!="" || leaseMs<=0 || instance=="")
     {
      BwBad("claim");
      return;
     }
   if(!g_bwSession.active)
     {
      BwRefuseClaim("standby");
      return;
     }
   if(expected!=g_bwRegister.epoch)
     {
      BwRefuseClaim("stale_expected");
      return;
     }
   const bool shown=(g_bwConfig.takeoverToken!="" && BwSameSecret(token,g_bwConfig.takeoverToken));
   const bool vacant=(g_bwRegister.holder=="" || g_bwRegister.holder==instance || g_bwRegister.lapsed);
   if(!vacant && !shown)
     {
      BwRefuseClaim("lease_held");
      return;
     }
   if(!BwRegisterWrite(expected+1,instance,leaseMs,false))
     {
      BwSayError("journal","the claim could not be written down");
      return;
     }
   g_bwRegister.epoch=expected+1;
   g_bwRegister.holder=instance;
   g_bwRegister.leaseMs=leaseMs;
   g_bwRegister.lapsed=false;
   g_bwRegister.silentMs=0;
   BwSay("claim.granted");
   BwKeyInt(g_bwMessage,"epoch",g_bwRegister.epoch);
   BwKeyInt(g_bwMessage,"leaseMs",leaseMs);
   BwSaid();
  }

// True when the message carries exactly the epoch and instance that were granted last.
bool BwFromHolder()
  {
   return(g_bwHeard.claimed && g_bwHeard.epoch==g_bwRegister.epoch &&
          g_bwHeard.instance==g_bwRegister.holder);
  }

// Counts the silence of the holder. Returns true in the event in which the lease lapses.
bool BwCountSilence()
  {
   const ulong now=BwMono();
   const long passed=(long)(now-g_bwRegister.countedMs);
   g_bwRegister.countedMs=now;
   g_bwRegister.silentMs+=passed;
   g_bwRegister.paused=(passed>BW_PAUSE_MS);
   if(g_bwRegister.paused || g_bwRegister.holder=="" || g_bwRegister.lapsed || g_bwRegister.silentMs<g_bwRegister.leaseMs)
      return(false);
   g_bwRegister.lapsed=true;
   BwRegisterWrite(g_bwRegister.epoch,g_bwRegister.holder,g_bwRegister.leaseMs,true);
   return(true);
  }

// Whatever the holder says proves that it lives; a heartbeat also sets the lease.
void BwContact(const long leaseMs)
  {
   g_bwRegister.silentMs=0;
   g_bwRegister.countedMs=BwMono();
   if(!g_bwRegister.lapsed && leaseMs==g_bwRegister.leaseMs)
      return;
   g_bwRegister.leaseMs=leaseMs;
   g_bwRegister.lapsed=false;
   BwRegisterWrite(g_bwRegister.epoch,g_bwRegister.holder,leaseMs,false);
  }

#endif
