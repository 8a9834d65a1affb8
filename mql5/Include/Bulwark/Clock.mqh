// The clocks of the terminal. Every instant that this EA sends or is sent is in the wall clock of the
// trade server (hello says timeBase "server"): the runtime knows the zone, the terminal does not.
#ifndef BULWARK_CLOCK_MQH
#define BULWARK_CLOCK_MQH

// Milliseconds since the machine started. Never set back: leases, deadlines and silence use it.
ulong BwMono()
  {
   return(GetTickCount64());
  }

// Milliseconds since this program started: for the connection and everything else that is about
// processes, not about the market. Not comparable between programs.
ulong BwRunMs()
  {
   return(GetMicrosecondCount()/1000);
  }

// Server wall clock, in milliseconds of whole seconds. It runs on when there are no quotes.
long BwServerMs()
  {
   return((long)TimeTradeServer()*1000);
  }

// Time of the last quote: the market's clock, which stands still when the market does.
long BwMarketMs()
  {
   return((long)TimeCurrent()*1000);
  }

// UTC by the clock of this PC, which may be wrong: told, never relied on.
long BwPcUtcMs()
  {
   return((long)TimeGMT()*1000);
  }

#endif
