// The first thing to run in a real terminal: it tries every part of MetaTrader that Bulwark stands
// on, trades nothing, and prints one line for each. See mql5/COMPILE.md.
#property copyright "Bulwark"
#property version   "1.00"

#include <Bulwark/JsonRead.mqh>
#include <Bulwark/HistoryProof.mqh>
#include <Bulwark/CryptoTest.mqh>
#include <Bulwark/Pool.mqh>

int g_failed=0;

void BwTell(const string what,const bool good,const string more)
  {
   if(!good)
      g_failed++;
   Print((good ? "ok      " : "FAILED  ")+what+(more=="" ? "" : ": "+more));
  }

bool BwTryJson()
  {
   BwJson json;
   BwBytes out;
   long number=0;
   BwClear(json.text);
   BwPutUtf8(json.text,"{\"a\":[1,-2,{\"b\":\"\\u00e9\\n\"}],\"c\":9007199254740991}");
   if(!BwJsonParse(json) || !BwJsonInt(json,BwJsonField(json,0,"c"),number) || number!=9007199254740991)
      return(false);
   const int item=BwJsonField(json,5,"b");
   if(item<0 || StringGetCharacter(BwJsonText(json,item),0)!=0xE9)
      return(false);
   BwClear(out);
   BwPutQuoted(out,BwJsonText(json,item));
   return(out.size==6);
  }

bool BwTryNumbers()
  {
   long value=0;
   ulong ticket=0;
   return(BwParseScaled("-12.30",2,value) && value==-1230 && !BwParseScaled("1.234",2,value) &&
          BwParseUlong("18446744073709551615",ticket) && BwFormatUlong(ticket)=="18446744073709551615" &&
          BwFormatLots(0.1)=="0.1" && BwFormatDouble(1.30010,5)=="1.30010");
  }

bool BwTryJournal()
  {
   BwAttempt a;
   BwAttempt found;
   BwAttemptClear(a);
   a.intent="self-test";
   a.attempt=1;
   a.kind="order.place";
   a.magic=((ulong)1<<62)+1;
   a.atMs=BwServerMs();
   if(!BwStoreOpen("selftest","selftest") || !BwAttemptSent(a))
      return(false);
   a.retcode=10009;
   a.order=2;
   a.deal=3;
   if(!BwAttemptDone(a))
      return(false);
   BwStoreClose();
   if(!BwStoreOpen("selftest","selftest"))
      return(false);
   BwAttemptFind("self-test",1,found);
   const bool same=(found.state==BW_ATTEMPT_DONE && found.magic==a.magic && found.retcode==10009);
   const bool cleared=BwStoreRun("DELETE FROM attempts");
   BwStoreClose();
   return(same && cleared);
  }

bool BwTryFiles()
  {
   uchar written[];
   uchar read[];
   ArrayResize(written,3);
   for(int i=0; i<3; i++)
      written[i]=(uchar)(200+i);
   int file=FileOpen("Bulwark_selftest.bin",FILE_WRITE | FILE_BIN);
   if(file==INVALID_HANDLE)
      return(false);
   FileWriteArray(file,written,0,3);
   FileClose(file);
   file=FileOpen("Bulwark_selftest.bin",FILE_READ | FILE_BIN);
   if(file==INVALID_HANDLE)
      return(false);
   FileReadArray(file,read);
   FileClose(file);
   FileDelete("Bulwark_selftest.bin");
   return(ArraySize(read)==3 && read[2]==202);
  }

bool BwTryVariables()
  {
   const string name="Bulwark.selftest";
   GlobalVariableDel(name);
   GlobalVariableTemp(name);
   const bool taken=GlobalVariableSetOnCondition(name,5.5,0.0);
   const bool refused=!GlobalVariableSetOnCondition(name,6.5,0.0);
   GlobalVariableDel(name);
   return(taken && refused);
  }

bool BwTryClocks()
  {
   const ulong mono=BwMono();
   const ulong run=BwRunMs();
   Sleep(50);
   return(BwMono()>=mono && BwRunMs()>=run+30 && BwServerMs()>0);
  }

void BwTrySymbols()
  {
   string missing="";
   BwSymbolsSetup("",missing);
   BwTell("Market Watch",g_bwSymbols.count>0,IntegerToString(g_bwSymbols.count)+" symbols");
   for(int i=0; i<g_bwSymbols.count && i<10; i++)
     {
      BwBytes text;
      BwClear(text);
      BwPutSymbol(text,g_bwSymbols.names[i]);
      BwTell(g_bwSymbols.names[i],text.size>0 && !text.overflow,BwTextOf(text.data,0,text.size));
     }
  }

void BwTryCrypto()
  {
   const ulong since=GetMicrosecondCount();
   const string broken=BwCryptoTest();
   const string time=IntegerToString((long)(GetMicrosecondCount()-since)/1000)+" ms";
   BwTell("cryptography",broken=="",broken=="" ? time : broken);
  }

void OnStart()
  {
   g_failed=0;
   g_bwConfig.moneyDigits=(int)AccountInfoInteger(ACCOUNT_CURRENCY_DIGITS);
   BwTell("JSON and UTF-8",BwTryJson(),"");
   BwTell("numbers",BwTryNumbers(),"");
   BwTryCrypto();
   BwTell("journal (SQLite)",BwTryJournal(),"");
   BwTell("files",BwTryFiles(),"");
   BwTell("terminal variables",BwTryVariables(),"");
   BwTell("clocks",BwTryClocks(),"");
   BwTrySymbols();
   const bool selected=BwSelectHistory(0);
   const long sum=selected ? BwDealsMinorAfter(-1) : 0;
   BwTell("history: deals sum up to the balance",selected && sum==BwBalanceMinor(),
          IntegerToString(HistoryDealsTotal())+" deals");
   Print(g_failed==0 ? "Bulwark self-test: all is well" :
         "Bulwark self-test: "+IntegerToString(g_failed)+" FAILED, see above");
  }
