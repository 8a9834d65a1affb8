// Lines for people in the terminal's "Experts" tab. Nothing secret is ever passed to it.
#ifndef BULWARK_LOG_MQH
#define BULWARK_LOG_MQH

#define BW_LOG_ERROR 0
#define BW_LOG_WARNING 1
#define BW_LOG_INFO 2
#define BW_LOG_DEBUG 3

int g_bwLogLevel=BW_LOG_INFO;

void BwLog(const int level,const string line)
  {
   if(level<=g_bwLogLevel)
      Print("Bulwark: "+line);
  }

// The phone of the operator, if MetaQuotes ID is set up; the terminal limits it to 255 characters.
void BwNotify(const string line)
  {
   BwLog(BW_LOG_WARNING,line);
   if(TerminalInfoInteger(TERMINAL_NOTIFICATIONS_ENABLED)==0)
      return;
   if(!SendNotification(StringSubstr("Bulwark "+line,0,255)))
      BwLog(BW_LOG_WARNING,"the notification was not sent: error "+IntegerToString(GetLastError()));
  }

#endif
