// One living instance per account inside a terminal: an EA on a second chart waits until the first
// one is gone. The mark is a global variable of the terminal that its owner refreshes; it does not
// outlive the terminal.
#ifndef BULWARK_MUTEX_MQH
#define BULWARK_MUTEX_MQH

#include "Limits.mqh"
#include "Clock.mqh"

struct BwMutex
  {
   string            name;
   bool              owned;
   // The value that the owner wrote last: only who knows it can change it.
   double            mark;
   ulong             markedMs;
   bool              knocked;
  };

BwMutex g_bwMutex;

void BwMutexSetup(const string login)
  {
   g_bwMutex.name="Bulwark.owner."+login;
   g_bwMutex.owned=false;
   g_bwMutex.mark=0.0;
   g_bwMutex.markedMs=0;
   g_bwMutex.knocked=false;
  }

// Milliseconds since start, made distinct between charts by a fraction; never 0.
double BwMutexMark()
  {
   return((double)BwMono()+1.0+(double)(ChartID()%997)/1000.0);
  }

// Tells the owner that somebody waits; once per waiting chart.
void BwMutexKnock()
  {
   if(g_bwMutex.knocked)
      return;
   g_bwMutex.knocked=true;
   GlobalVariableTemp(g_bwMutex.name+".knock");
   GlobalVariableSet(g_bwMutex.name+".knock",1.0);
  }

bool BwMutexWasKnocked()
  {
   return(GlobalVariableCheck(g_bwMutex.name+".knock") &&
          GlobalVariableDel(g_bwMutex.name+".knock"));
  }

// Takes the mark when nobody has it, or when its owner stopped refreshing it.
bool BwMutexTake()
  {
   const double mark=BwMutexMark();
   if(!GlobalVariableCheck(g_bwMutex.name))
      GlobalVariableTemp(g_bwMutex.name);
   bool taken=GlobalVariableSetOnCondition(g_bwMutex.name,mark,0.0);
   if(!taken)
     {
      const double other=GlobalVariableGet(g_bwMutex.name);
      const double now=(double)BwMono();
      if(now-other>(double)BW_MUTEX_STALE_MS || other>now+(double)BW_MUTEX_STALE_MS)
         taken=GlobalVariableSetOnCondition(g_bwMutex.name,mark,other);
     }
   if(!taken)
     {
      BwMutexKnock();
      return(false);
     }
   g_bwMutex.owned=true;
   g_bwMutex.mark=mark;
   g_bwMutex.markedMs=BwMono();
   return(true);
  }

// Every event. False: another chart owns the account now, and this one must be silent.
bool BwMutexHold()
  {
   if(!g_bwMutex.owned)
      return(false);
   if(BwMono()-g_bwMutex.markedMs<BW_MUTEX_EVERY_MS)
      return(true);
   const double mark=BwMutexMark();
   // After a call that blocked for long somebody else may have taken it.
   if(!GlobalVariableSetOnCondition(g_bwMutex.name,mark,g_bwMutex.mark))
     {
      g_bwMutex.owned=false;
      return(false);
     }
   g_bwMutex.mark=mark;
   g_bwMutex.markedMs=BwMono();
   return(true);
  }

void BwMutexRelease()
  {
   if(g_bwMutex.owned)
      GlobalVariableSetOnCondition(g_bwMutex.name,0.0,g_bwMutex.mark);
   g_bwMutex.owned=false;
  }

#endif
