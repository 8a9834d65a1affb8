// The economic calendar that MetaTrader has built in. Its instants are server wall clock.
#ifndef BULWARK_CALENDAR_MQH
#define BULWARK_CALENDAR_MQH

#include "Say.mqh"
#include "Heard.mqh"

string BwImportance(const ENUM_CALENDAR_EVENT_IMPORTANCE importance)
  {
   if(importance==CALENDAR_IMPORTANCE_HIGH)
      return("high");
   if(importance==CALENDAR_IMPORTANCE_MODERATE)
      return("moderate");
   return(importance==CALENDAR_IMPORTANCE_LOW ? "low" : "none");
  }

// Values are stored in millionths; LONG_MIN is "not yet".
void BwKeyRelease(BwBytes &b,const string name,const long value,const int digits)
  {
   if(value==LONG_MIN)
      BwKeyNull(b,name);
   else
      BwKeyText(b,name,BwFormatDouble((double)value/1000000.0,digits));
  }

bool BwCurrencyNamed(const string currency)
  {
   int item=BwItemsIn(0,"currencies");
   if(item<0)
      return(true);
   while(item>=0)
     {
      if(BwJsonText(g_bwHeard.json,item)==currency)
         return(true);
      item=BwNextItem(0,"currencies",item);
     }
   return(false);
  }

// False when the release is not of a wanted currency, or the terminal does not know its event.
bool BwPutRelease(BwBytes &b,const MqlCalendarValue &value)
  {
   MqlCalendarEvent event;
   MqlCalendarCountry country;
   ZeroMemory(event);
   ZeroMemory(country);
   if(!CalendarEventById(value.event_id,event) || !CalendarCountryById(event.country_id,country) ||
      !BwCurrencyNamed(country.currency))
      return(false);
   BwOpen(b,'{');
   BwKeyTicket(b,"id",value.id);
   BwKeyText(b,"name",event.name);
   BwKeyText(b,"currency",country.currency);
   BwKeyText(b,"importance",BwImportance(event.importance));
   BwKeyInt(b,"atMs",(long)value.time*1000);
   BwKeyBool(b,"dayOnly",event.time_mode!=CALENDAR_TIMEMODE_DATETIME);
   BwKeyRelease(b,"actual",value.actual_value,(int)event.digits);
   BwKeyRelease(b,"forecast",value.forecast_value,(int)event.digits);
   BwKeyRelease(b,"previous",value.prev_value,(int)event.digits);
   BwClose(b,'}');
   return(true);
  }

void BwCalendarChunk(const int chunk,const bool available)
  {
   BwSay("calendar");
   BwKeyInt(g_bwMessage,"chunk",chunk);
   BwKeyBool(g_bwMessage,"available",available);
   BwOpenKey(g_bwMessage,"events",'[');
  }

void BwCalendarChunkEnd(const bool last)
  {
   BwClose(g_bwMessage,']');
   BwKeyBool(g_bwMessage,"last",last);
   BwSaid();
  }

void BwOnCalendarRequest()
  {
   const long fromMs=BwIntIn(0,"fromMs");
   const long toMs=BwIntIn(0,"toMs");
   BwItemsIn(0,"currencies");
   if(g_bwHeard.bad!="")
      return;
   MqlCalendarValue values[];
   BwBusy("CalendarValueHistory");
   ResetLastError();
   CalendarValueHistory(values,(datetime)(fromMs/1000),(datetime)((toMs-1)/1000));
   const bool available=(GetLastError()==0);
   BwReady();
   const int total=available ? ArraySize(values) : 0;
   int chunk=0;
   int written=0;
   BwCalendarChunk(0,available);
   for(int i=0; i<total; i++)
     {
      if(written>=BW_EVENTS_PER_CHUNK || g_bwMessage.size>BW_SNAPSHOT_PART_BYTES)
        {
         BwCalendarChunkEnd(false);
         chunk++;
         written=0;
         BwCalendarChunk(chunk,available);
        }
      const long at=(long)values[i].time*1000;
      if(at>=fromMs && at<toMs && BwPutRelease(g_bwMessage,values[i]))
         written++;
     }
   BwCalendarChunkEnd(true);
  }

#endif
