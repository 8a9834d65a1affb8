// Commands: who speaks, is it known already, is it in time, may it be done; then it is written down,
// acknowledged, sent to the server, and its result told.
#ifndef BULWARK_COMMANDS_MQH
#define BULWARK_COMMANDS_MQH

#include "Place.mqh"
#include "Register.mqh"
#include "Known.mqh"

// Every field that any command has; which of them are read depends on the kind.
struct BwCommand
  {
   string            kind;
   long              seenMono;
   long              ttlMs;
   ulong             ticket;
   ulong             byTicket;
   string            price;
   string            stopLimit;
   string            tif;
   bool              expires;
   long              expiresAtMs;
   string            stopLoss;
   string            takeProfit;
   string            volume;
   long              deviation;
   string            filling;
   BwPlace           place;
  };

bool BwIsCommand(const string kind)
  {
   return(kind=="order.place" || kind=="order.modify" || kind=="order.cancel" ||
          kind=="position.modify" || kind=="position.close" || kind=="position.closeBy" ||
          kind=="flatten");
  }

// An order keeps its stop, so here it may not be null.
void BwReadModify(BwCommand &c)
  {
   BwDecimalIn(0,"stopLoss");
   c.stopLimit=BwDecimalOrNullIn(0,"stopLimitPrice");
   c.tif=BwOneOfIn(0,"tif","gtc|day|specified");
   c.expires=!BwIsNull(0,"expiresAtMs");
   c.expiresAtMs=c.expires ? BwIntIn(0,"expiresAtMs") : 0;
  }

void BwReadCommand(BwCommand &c,BwAttempt &a)
  {
   BwAttemptClear(a);
   c.kind=g_bwHeard.kind;
   a.kind=c.kind;
   a.intent=BwTextIn(0,"intent");
   a.attempt=BwCountIn(0,"attempt");
   c.seenMono=BwIntIn(0,"seenMono");
   c.ttlMs=BwIntIn(0,"ttlMs");
   if(c.kind=="order.place")
     {
      BwReadPlace(c.place);
      a.magic=c.place.magic;
      return;
     }
   if(c.kind=="flatten")
     {
      BwTextIn(0,"reason");
      return;
     }
   c.ticket=BwTicketIn(0,"ticket");
   if(c.kind=="position.closeBy")
      c.byTicket=BwTicketIn(0,"byTicket");
   if(c.kind=="order.modify" || c.kind=="position.close")
      c.price=BwDecimalIn(0,"price");
   if(c.kind=="order.modify" || c.kind=="position.modify")
     {
      c.stopLoss=BwDecimalOrNullIn(0,"stopLoss");
      c.takeProfit=BwDecimalOrNullIn(0,"takeProfit");
     }
   if(c.kind=="order.modify")
      BwReadModify(c);
   if(c.kind=="position.close")
     {
      c.volume=BwDecimalIn(0,"volume");
      c.deviation=BwCountIn(0,"deviationPoints");
      c.filling=BwOneOfIn(0,"filling","fok|ioc|return");
     }
  }

void BwAck(const BwAttempt &a,const string status,const string reason,const bool withResult)
  {
   BwSay("ack");
   BwKeyText(g_bwMessage,"intent",a.intent);
   BwKeyInt(g_bwMessage,"attempt",a.attempt);
   BwKeyText(g_bwMessage,"status",status);
   BwKeyTextOrNull(g_bwMessage,"reason",reason);
   BwKey(g_bwMessage,"result");
   if(withResult)
      BwPutResult(g_bwMessage,a);
   else
      BwPutUtf8(g_bwMessage,"null");
   BwSaid();
  }

// Speaks the controller? Empty for yes, else the ack's reason.
string BwFence()
  {
   if(!g_bwSession.active)
      return("standby");
   return(BwFromHolder() ? "" : "stale_epoch");
  }

// May risk be opened? Empty for yes.
string BwOpeningRefusal()
  {
   if(g_bwGuard.tripped)
      return("floor");
   return(g_bwRegister.lapsed ? "halted" : "");
  }

// New stop and target of a position. `there` is false when it is gone.
string BwBuildPositionChange(const BwCommand &c,MqlTradeRequest &request,bool &there)
  {
   there=PositionSelectByTicket(c.ticket);
   if(!there)
      return("");
   const int digits=BwDigitsOf(PositionGetString(POSITION_SYMBOL));
   double stopLoss=0.0;
   double takeProfit=0.0;
   if(!BwLevel(c.stopLoss,digits,stopLoss) || !BwLevel(c.takeProfit,digits,takeProfit))
      return("malformed");
   there=BwBuildStops(c.ticket,stopLoss,takeProfit,request);
   return("");
  }

// New terms of a pending order. One that the terminal does not show goes to the server all the same,
// with levels as they were said: its answer tells what became of it.
string BwBuildOrderChange(const BwCommand &c,MqlTradeRequest &request)
  {
   const bool live=OrderSelect(c.ticket);
   const int digits=live ? BwDigitsOf(OrderGetString(ORDER_SYMBOL)) : BW_GONE_DIGITS;
   const bool waits=(live && BwKindOfOrder(OrderGetInteger(ORDER_TYPE))=="stopLimit");
   double price=0.0;
   double limitPrice=0.0;
   double stopLoss=0.0;
   double takeProfit=0.0;
   const bool read=BwLevel(c.price,digits,price) && BwLevel(c.stopLimit,digits,limitPrice) &&
                   BwLevel(c.stopLoss,digits,stopLoss) && BwLevel(c.takeProfit,digits,takeProfit);
   if(live && (!read || waits!=(limitPrice>0.0) || (c.tif=="specified")!=c.expires))
      return("malformed");
   if(live && stopLoss==0.0)
      return("no_stop");
   BwBuildModify(c.ticket,price,stopLoss,takeProfit,request);
   request.stoplimit=limitPrice;
   request.type_time=BwOrderTime(c.tif);
   request.expiration=(datetime)(c.expires ? c.expiresAtMs/1000 : 0);
   return("");
  }

// The request, or the reason why there is none. `there` is false when what it is about is gone.
string BwBuild(const BwCommand &c,MqlTradeRequest &request,bool &there)
  {
   there=true;
   if(c.kind=="order.place")
     {
      const string refused=BwOpeningRefusal();
      return(refused=="" ? BwBuildPlace(c.place,request) : refused);
     }
   if(c.kind=="order.modify")
      return(BwBuildOrderChange(c,request));
   if(c.kind=="position.modify")
      return(BwBuildPositionChange(c,request,there));
   if(c.kind=="order.cancel")
     {
      BwBuildCancel(c.ticket,request);
      return("");
     }
   if(c.kind=="position.closeBy")
     {
      there=BwBuildCloseBy(c.ticket,c.byTicket,request);
      return("");
     }
   double lots=0.0;
   if(!BwLots(c.volume,lots))
      return("malformed");
   there=BwBuildClose(c.ticket,lots,c.deviation,BwFillingNamed(c.filling),request);
   return("");
  }

// Sends what was written down, and tells what came of it.
void BwCarryOut(const BwCommand &c,MqlTradeRequest &request,const bool there,BwAttempt &a)
  {
   const string trace=g_bwReply.trace;
   const int refusal=(c.kind=="order.place") ? BwCheckPlace(request,c.place.buy) : 0;
   if(!there)
      BwResultSet(a,BW_RET_POSITION_CLOSED,"no such position");
   else
      if(refusal!=0)
         BwResultSet(a,refusal,"checked by the EA");
      else
        {
         BwBusy(c.kind);
         BwSend(request,a);
         BwReady();
        }
   BwAttemptFinish(a,trace);
  }

// True when the command went to the journal, and so may have blocked this event.
bool BwStart(const BwCommand &c,BwAttempt &a)
  {
   MqlTradeRequest request;
   bool there=true;
   string reason="";
   if(c.kind=="flatten")
      reason=(g_bwSweep.who==BW_SWEEP_COMMAND) ? "overloaded" : "";
   else
      reason=BwBuild(c,request,there);
   if(reason!="")
     {
      BwAck(a,"refused",reason,false);
      return(false);
     }
   a.atMs=BwServerMs();
   if(!BwAttemptSent(a))
     {
      BwAck(a,"refused","journal",false);
      return(false);
     }
   BwAck(a,"accepted","",false);
   if(c.kind=="flatten")
      BwSweepCommand(a,g_bwReply.trace);
   else
      BwCarryOut(c,request,there,a);
   return(true);
  }

bool BwOnCommand()
  {
   BwCommand command;
   BwAttempt attempt;
   BwReadCommand(command,attempt);
   if(g_bwHeard.bad!="")
      return(false);
   const string fence=BwFence();
   if(fence!="")
     {
      BwAck(attempt,"refused",fence,false);
      return(false);
     }
   const int known=BwKnown(attempt);
   if(known==BW_KNOWN_UNKNOWN)
      BwAck(attempt,"unknown","",false);
   if(known==BW_KNOWN_RESULT || known==BW_KNOWN_RUNNING)
      BwAck(attempt,"duplicate","",known==BW_KNOWN_RESULT);
   if(known!=BW_KNOWN_NOTHING)
      return(false);
   // A command is refused when it is late, and never executed late.
   if((long)BwMono()>command.seenMono+command.ttlMs)
     {
      BwAck(attempt,"refused","expired",false);
      return(false);
     }
   return(BwStart(command,attempt));
  }

#endif
