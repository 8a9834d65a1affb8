// The life of the EA: how it starts, what one event does, how it ends.
#ifndef BULWARK_LIFE_MQH
#define BULWARK_LIFE_MQH

#include "Status.mqh"
#include "CryptoTest.mqh"

// What the operator typed, before it is checked.
struct BwInputs
  {
   string            endpoints;
   string            instance;
   string            token;
   string            takeoverToken;
   string            serverKey;
   string            secretKey;
   string            poolSeed;
   string            symbols;
   string            deadMan;
   int               deadManAfterSeconds;
   int               parkMs;
   bool              trustHistory;
   int               logLevel;
  };

BwInputs g_bwInputs;
// The account is known, the journal is open, and this chart owns the account.
bool g_bwRunning=false;

bool BwIsInstanceName(const string name)
  {
   const int length=StringLen(name);
   for(int i=0; i<length; i++)
     {
      const int unit=(int)StringGetCharacter(name,i);
      const bool letter=((unit>='a' && unit<='z') || (unit>='A' && unit<='Z') || BwIsDigit(unit) ||
                         unit=='_' || unit=='.' || unit=='-');
      if(!letter)
         return(false);
     }
   return(length>=1 && length<=64);
  }

// Told apart by the terminal's data folder: the same after a restart, another in another terminal.
string BwDefaultInstance()
  {
   BwBytes path;
   BwClear(path);
   BwPutUtf8(path,TerminalInfoString(TERMINAL_DATA_PATH));
   return("mt5-"+StringSubstr(BwHashOf(path),0,8));
  }

// With keys, the primitives under them are tested first. Without, the link is for loopback and tunnels.
string BwCheckKeys()
  {
   const string wrong=BwCurveSetup(g_bwLink.peer.curve,BwTrim(g_bwInputs.serverKey),
                                   BwTrim(g_bwInputs.secretKey));
   if(wrong!="" || !g_bwLink.peer.curve.enabled)
      return(wrong);
   uchar seed[];
   if(BwTrim(g_bwInputs.poolSeed)!="" && !BwZ85Key(BwTrim(g_bwInputs.poolSeed),seed))
      return("the pool seed is not 40 characters of Z85");
   const string broken=BwCryptoTest();
   return(broken=="" ? "" : "the self-test of "+broken+" failed");
  }

// The pool that keys of connections come from. True also where no keys are used.
bool BwOpenPool()
  {
   uchar seed[];
   if(!g_bwLink.peer.curve.enabled)
      return(true);
   const bool seeded=BwZ85Key(BwTrim(g_bwInputs.poolSeed),seed);
   if(!seeded)
      ArrayResize(seed,BW_POOL_BYTES);
   return(BwPoolOpen(g_bwConfig.login,seed,seeded));
  }

// Empty when the inputs can work, else what is wrong with them.
string BwCheckInputs()
  {
   const string policy=BwTrim(g_bwInputs.deadMan);
   g_bwConfig.instance=BwTrim(g_bwInputs.instance);
   if(g_bwConfig.instance=="")
      g_bwConfig.instance=BwDefaultInstance();
   g_bwConfig.token=BwTrim(g_bwInputs.token);
   g_bwConfig.takeoverToken=BwTrim(g_bwInputs.takeoverToken);
   g_bwConfig.deadMan=policy;
   g_bwConfig.deadManAfterMs=(long)g_bwInputs.deadManAfterSeconds*1000;
   g_bwConfig.parkMs=g_bwInputs.parkMs;
   g_bwLogLevel=g_bwInputs.logLevel;
   if(!BwIsInstanceName(g_bwConfig.instance))
      return("the instance may have letters, digits, '.', '_' and '-', 64 at most");
   if(policy!="none" && policy!="tighten" && policy!="flatten")
      return("the dead-man policy is none, tighten or flatten");
   if(g_bwInputs.deadManAfterSeconds<5 && policy!="none")
      return("the dead man needs at least 5 seconds");
   if(g_bwInputs.parkMs<0 || g_bwInputs.parkMs>BW_TIMER_MS)
      return("parking is 0 to 16 ms");
   if(BwLinkSetup(g_bwLink,g_bwInputs.endpoints,"")==0)
      return("the endpoints are a list like tcp://127.0.0.1:5555,tcp://10.0.0.2:5555");
   return(BwCheckKeys());
  }

void BwReset()
  {
   BwLinkClose(g_bwLink);
   BwStoreClose();
   BwStateReset();
   BwFeedReset();
   BwTradesReset();
   BwJobsReset();
   BwSweepReset();
   g_bwSymbols.count=0;
   g_bwRunning=false;
   g_bwIdle="starting";
   g_bwStatusMs=0;
   g_bwMutex.owned=false;
   g_bwMutex.name="";
   BwFree(g_bwMessage);
   BwFree(g_bwHeard.json.text);
   g_bwHeard.json.count=0;
   g_bwHeard.json.at=0;
   g_bwHeard.bad="";
  }

// INIT_PARAMETERS_INCORRECT with a reason, or the EA waits for its account.
int BwInit()
  {
   BwReset();
   const string wrong=BwCheckInputs();
   if(wrong!="")
     {
      BwLog(BW_LOG_ERROR,"cannot start: "+wrong);
      Comment("Bulwark "+BW_VERSION+" | cannot start: "+wrong);
      return(INIT_PARAMETERS_INCORRECT);
     }
   MathSrand((int)(GetTickCount64() & 0x7FFF));
   if(!EventSetMillisecondTimer(BW_TIMER_MS))
      return(INIT_FAILED);
   BwLog(BW_LOG_INFO,"version "+BW_VERSION+", instance "+g_bwConfig.instance);
   return(INIT_SUCCEEDED);
  }

// With a terminal that is not logged in yet there is no account to speak for.
bool BwAccountIsKnown()
  {
   return(AccountInfoInteger(ACCOUNT_LOGIN)!=0 && AccountInfoString(ACCOUNT_SERVER)!="");
  }

void BwReadAccount()
  {
   g_bwConfig.login=BwFormatUlong((ulong)AccountInfoInteger(ACCOUNT_LOGIN));
   g_bwConfig.server=AccountInfoString(ACCOUNT_SERVER);
   g_bwConfig.moneyDigits=(int)AccountInfoInteger(ACCOUNT_CURRENCY_DIGITS);
   g_bwLink.peer.identity=g_bwConfig.login+"@"+g_bwConfig.server+"/"+g_bwConfig.instance;
  }

// The account is there and this chart owns it: open the journal and remember what was promised.
bool BwWake()
  {
   BwReadAccount();
   if(!BwStoreOpen(g_bwConfig.login,g_bwConfig.server))
     {
      g_bwIdle="the journal does not open: check the disk and MQL5/Files";
      return(false);
     }
   if(!BwOpenPool())
     {
      g_bwIdle="no key pool: set InpPoolSeed once (mql5/INSTALL.md)";
      BwStoreClose();
      return(false);
     }
   const long starts=BwStoreGetLong("starts",0)+1;
   if(!BwStoreSetLong("starts",starts))
     {
      g_bwIdle="the journal cannot be written: check the disk";
      BwStoreClose();
      return(false);
     }
   g_bwSession.startId=g_bwConfig.instance+"."+IntegerToString(starts);
   BwAttemptsPrune();
   BwRegisterLoad();
   BwGuardLoad();
   BwProofLoad(g_bwInputs.trustHistory);
   BwNoticesReset(starts==1);
   string missing="";
   if(!BwSymbolsSetup(g_bwInputs.symbols,missing))
      BwLog(BW_LOG_ERROR,"the broker has no symbol "+missing);
   g_bwIdle="";
   g_bwRunning=true;
   return(true);
  }

// Lets go of the account; what was promised is on the disk.
void BwSleep()
  {
   BwLinkClose(g_bwLink);
   BwSessionForget();
   BwSweepReset();
   BwStoreClose();
   g_bwRunning=false;
  }

// Every event until the EA runs, and its right to run afterwards.
bool BwMayRun()
  {
   if(!BwAccountIsKnown())
     {
      g_bwIdle="waiting for the account: log in";
      return(false);
     }
   if(g_bwRunning && BwFormatUlong((ulong)AccountInfoInteger(ACCOUNT_LOGIN))!=g_bwConfig.login)
     {
      BwLog(BW_LOG_WARNING,"the terminal was logged in to another account");
      BwMutexRelease();
      BwSleep();
      g_bwMutex.name="";
     }
   if(g_bwMutex.name=="")
      BwMutexSetup(BwFormatUlong((ulong)AccountInfoInteger(ACCOUNT_LOGIN)));
   if(g_bwRunning)
     {
      if(BwMutexHold())
         return(true);
      BwLog(BW_LOG_ERROR,"another chart took this account over");
      BwSleep();
     }
   if(!g_bwMutex.owned && !BwMutexTake())
     {
      g_bwIdle="waiting: another chart of this terminal runs Bulwark on this account";
      return(false);
     }
   return(BwWake());
  }

// What protects the account, before anything that could delay it.
void BwProtect()
  {
   BwGuardCheck();
   BwDeadManCheck();
   if(g_bwGuard.tripped)
      BwSweepOwn();
   BwSweepPump();
  }

// Messages that are here, until one of them has blocked this event.
void BwMessages()
  {
   for(int i=0; i<BW_MESSAGES_PER_EVENT; i++)
     {
      const int next=BwPeerNext(g_bwLink.peer);
      if(next==BW_NEXT_BROKEN)
        {
         BwLinkDrop(g_bwLink,g_bwLink.peer.fault,BwRunMs());
         return;
        }
      if(next==BW_NEXT_NOTHING)
         break;
      const bool blocked=BwReceive();
      BwPeerTaken(g_bwLink.peer);
      if(blocked)
         break;
     }
   BwPeerCompact(g_bwLink.peer);
  }

void BwLinkTurn()
  {
   BwLinkPump(g_bwLink,BwRunMs());
   BwMessages();
   BwSessionPump();
  }

// OnTimer. The longest it may take: one connection attempt, one request to the trade server, or one
// copy of history, each announced by `busy`.
void BwOnTimer()
  {
   if(!BwMayRun())
     {
      BwStatusPump();
      return;
     }
   BwLinkTurn();
   BwProtect();
   BwTradesPump();
   BwFeedPump();
   BwHistoryPump();
   BwNoticesPump();
   BwLinkFlush(g_bwLink,BwRunMs());
   BwStatusPump();
   if(BwLinkPark(g_bwLink,g_bwConfig.parkMs,BwRunMs()))
     {
      BwLinkTurn();
      BwLinkFlush(g_bwLink,BwRunMs());
     }
  }

// OnTick: the floor first, then the tick itself.
void BwOnTick()
  {
   if(!g_bwRunning)
      return;
   BwProtect();
   BwFeedPump();
   BwLinkFlush(g_bwLink,BwRunMs());
  }

// OnDeinit: nothing here waits for anybody.
void BwDeinit(const int reason)
  {
   EventKillTimer();
   if(g_bwRunning && BwWelcomed())
     {
      BwSay("goodbye");
      BwKeyText(g_bwMessage,"reason","deinit "+IntegerToString(reason));
      BwSaid();
      BwLinkFlush(g_bwLink,BwRunMs());
     }
   BwLinkClose(g_bwLink);
   BwStoreClose();
   BwMutexRelease();
   g_bwRunning=false;
   Comment("");
  }

#endif
