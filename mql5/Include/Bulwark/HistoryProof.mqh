// Is the terminal's history whole? It loads in the background, and an absent deal proves nothing
// while it may still be on its way. The proof is arithmetic: what the deals sum up to is the balance.
#ifndef BULWARK_HISTORY_PROOF_MQH
#define BULWARK_HISTORY_PROOF_MQH

#include "Records.mqh"

// Brokers archive old history. Then the sum counts from an anchor: a moment whose balance is taken as
// given, once, when the history had stood still long enough.
struct BwProof
  {
   bool              anchored;
   long              anchorServerMs;
   long              anchorMinor;
   // The history that was proven last.
   bool              proven;
   int               deals;
   ulong             lastDeal;
   long              balanceMinor;
   ulong             changedMs;
   bool              trusted;
  };

BwProof g_bwProof;

void BwProofLoad(const bool trusted)
  {
   g_bwProof.anchorServerMs=BwStoreGetLong("history.anchorMs",-1);
   g_bwProof.anchorMinor=BwStoreGetLong("history.anchorMinor",0);
   g_bwProof.anchored=(g_bwProof.anchorServerMs>=0);
   g_bwProof.proven=false;
   g_bwProof.deals=-1;
   g_bwProof.lastDeal=0;
   g_bwProof.balanceMinor=0;
   g_bwProof.changedMs=BwMono();
   g_bwProof.trusted=trusted;
  }

// Everything since `fromServerMs`, one second early. False: the terminal has no answer now.
bool BwSelectHistory(const long fromServerMs)
  {
   long from=fromServerMs/1000-1;
   if(from<0)
      from=0;
   const datetime to=(datetime)((long)TimeTradeServer()+86400);
   return(HistorySelect((datetime)from,to));
  }

long BwDealMinor(const ulong ticket)
  {
   if(HistoryDealGetInteger(ticket,DEAL_TYPE)==DEAL_TYPE_CREDIT)
      return(0);
   const int digits=g_bwConfig.moneyDigits;
   return(BwScaled(HistoryDealGetDouble(ticket,DEAL_PROFIT),digits)+
          BwScaled(HistoryDealGetDouble(ticket,DEAL_COMMISSION),digits)+
          BwScaled(HistoryDealGetDouble(ticket,DEAL_FEE),digits)+
          BwScaled(HistoryDealGetDouble(ticket,DEAL_SWAP),digits));
  }

// Sum of the selected deals after a moment of server time.
long BwDealsMinorAfter(const long afterServerMs)
  {
   long sum=0;
   const int total=HistoryDealsTotal();
   for(int i=0; i<total; i++)
     {
      const ulong ticket=HistoryDealGetTicket(i);
      if(ticket!=0 && HistoryDealGetInteger(ticket,DEAL_TIME_MSC)>afterServerMs)
         sum+=BwDealMinor(ticket);
     }
   return(sum);
  }

long BwBalanceMinor()
  {
   return(BwScaled(AccountInfoDouble(ACCOUNT_BALANCE),g_bwConfig.moneyDigits));
  }

long BwEquityMinor()
  {
   return(BwScaled(AccountInfoDouble(ACCOUNT_EQUITY),g_bwConfig.moneyDigits));
  }

// Takes this moment as given; the operator is told, because a deal lost before it stays unseen.
void BwProofAnchor(const long balance)
  {
   const int total=HistoryDealsTotal();
   const ulong last=(total>0) ? HistoryDealGetTicket(total-1) : (ulong)0;
   const long at=(last!=0) ? HistoryDealGetInteger(last,DEAL_TIME_MSC) : BwServerMs();
   if(!BwStoreBegin())
      return;
   if(!BwStoreEnd(BwStoreSetLong("history.anchorMs",at) && BwStoreSetLong("history.anchorMinor",balance)))
      return;
   g_bwProof.anchored=true;
   g_bwProof.anchorServerMs=at;
   g_bwProof.anchorMinor=balance;
   g_bwProof.trusted=false;
   BwLog(BW_LOG_WARNING,"the deals do not sum up to the balance; history counts from now on");
  }

bool BwProofSum(const long balance)
  {
   if(BwDealsMinorAfter(-1)==balance)
      return(true);
   if(!g_bwProof.anchored)
      return(false);
   return(g_bwProof.anchorMinor+BwDealsMinorAfter(g_bwProof.anchorServerMs)==balance);
  }

// True when the whole history is here. The sum is done again only after something has changed.
bool BwHistoryProven()
  {
   if(TerminalInfoInteger(TERMINAL_CONNECTED)==0 || !BwSelectHistory(0))
      return(false);
   const int total=HistoryDealsTotal();
   const ulong last=(total>0) ? HistoryDealGetTicket(total-1) : (ulong)0;
   const long balance=BwBalanceMinor();
   const bool same=(total==g_bwProof.deals && last==g_bwProof.lastDeal && balance==g_bwProof.balanceMinor);
   if(same && g_bwProof.proven)
      return(true);
   if(!same)
      g_bwProof.changedMs=BwMono();
   g_bwProof.deals=total;
   g_bwProof.lastDeal=last;
   g_bwProof.balanceMinor=balance;
   g_bwProof.proven=BwProofSum(balance);
   const bool settled=(BwMono()-g_bwProof.changedMs>=BW_HISTORY_SETTLED_MS);
   if(!g_bwProof.proven && settled && (!g_bwProof.anchored || g_bwProof.trusted))
     {
      BwProofAnchor(balance);
      g_bwProof.proven=BwProofSum(balance);
     }
   return(g_bwProof.proven);
  }

#endif
