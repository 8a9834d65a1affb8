// Bulwark: the Expert Advisor that connects this terminal to the Bulwark runtime.
// What it does and how it is installed: mql5/README.md, mql5/INSTALL.md.
#property copyright "Bulwark"
#property version   "1.00"

#include <Bulwark/Life.mqh>

input group "Link"
input string InpEndpoints="tcp://127.0.0.1:5555"; // Runtimes, nearest first: tcp://host:port,...
input string InpInstance="";                      // Name of this terminal (empty: from its folder)
input string InpToken="";                         // Token of this EA, as the runtime has it
input string InpTakeoverToken="";                 // Operator's takeover token (empty: nobody can)
input group "Keys (all empty: no encryption, for loopback and tunnels)"
input string InpServerKey="";                     // Public key of the runtime
input string InpSecretKey="";                     // Secret key of this EA
input string InpPoolSeed="";                      // Random bytes, for the first start only
input group "Account"
input string InpSymbols="";                       // Symbols, comma-separated (empty: Market Watch)
input string InpDeadMan="none";                   // Until the runtime says: none, tighten, flatten
input int InpDeadManAfterSeconds=120;             // ... after this much silence of the runtime
input bool InpTrustHistory=false;                 // Take the history of now as whole (see INSTALL.md)
input group "Working"
input int InpParkMs=8;                            // Wait in the timer for answers, 0 to 16 ms
input int InpLogLevel=2;                          // 0 errors, 1 warnings, 2 info, 3 debug

int OnInit()
  {
   g_bwInputs.endpoints=InpEndpoints;
   g_bwInputs.instance=InpInstance;
   g_bwInputs.token=InpToken;
   g_bwInputs.takeoverToken=InpTakeoverToken;
   g_bwInputs.serverKey=InpServerKey;
   g_bwInputs.secretKey=InpSecretKey;
   g_bwInputs.poolSeed=InpPoolSeed;
   g_bwInputs.symbols=InpSymbols;
   g_bwInputs.deadMan=InpDeadMan;
   g_bwInputs.deadManAfterSeconds=InpDeadManAfterSeconds;
   g_bwInputs.parkMs=InpParkMs;
   g_bwInputs.trustHistory=InpTrustHistory;
   g_bwInputs.logLevel=InpLogLevel;
   return(BwInit());
  }

void OnDeinit(const int reason)
  {
   BwDeinit(reason);
  }

void OnTimer()
  {
   BwOnTimer();
  }

void OnTick()
  {
   BwOnTick();
  }

void OnTradeTransaction(const MqlTradeTransaction &transaction,const MqlTradeRequest &request,
                        const MqlTradeResult &result)
  {
   if(g_bwRunning)
      BwNoteTransaction(transaction);
  }
