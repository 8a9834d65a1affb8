// What the documentation of MQL5 says of functions that need no terminal.
#include "Says.mqh"

input int InpPort=0;

void TryTexts()
  {
   string parts[];
   string padded=" \t x \r\n";
   Says("StringLen","counts UTF-16 units",StringLen("")==0 && StringLen("abc")==3);
   Says("StringSubstr","a negative length takes the rest",StringSubstr("hello",1)=="ello" && StringSubstr("hello",1,-1)=="ello");
   Says("StringSubstr","a start beyond the text gives nothing",StringSubstr("hello",1,2)=="el" && StringSubstr("hello",5)=="");
   Says("StringFind","gives the position from the beginning, or -1",StringFind("abcabc","bc")==1 && StringFind("abcabc","bc",2)==4 && StringFind("abc","x")==-1);
   Says("StringSplit","keeps what is empty between separators",StringSplit("a,,b",',',parts)==3 && parts[0]=="a" && parts[1]=="" && parts[2]=="b");
   Says("StringSplit","gives 0 parts of an empty text",StringSplit("",',',parts)==0);
   Says("StringTrimLeft","tells how many it cut",StringTrimLeft(padded)==3 && padded=="x \r\n");
   Says("StringTrimRight","cuts blanks, tabs and line ends",StringTrimRight(padded)==3 && padded=="x");
   Says("StringGetCharacter","gives a code, or 0 beyond the end",StringGetCharacter("AB",1)==66 && StringGetCharacter("AB",2)==0 && StringGetCharacter("AB",-1)==0);
   Says("IntegerToString","pads on the left",IntegerToString(-5)=="-5" && IntegerToString(7,3,'0')=="007" && IntegerToString(1234,3)=="1234");
   Says("StringToInteger","reads as far as there are digits",StringToInteger("-12x")==-12 && StringToInteger("x")==0);
   Says("StringFormat","shows 64 bits only where they are asked for",StringFormat("%I64d %d",4294967297,4294967297)=="4294967297 1");
   Says("StringFormat","has flags, widths and digits",StringFormat("%05.1f|%-3s|%x|%%",1.25,"a",255)=="001.2|a  |ff|%");
  }

void TryBytes()
  {
   uchar bytes[];
   uchar few[2];
   ArrayResize(bytes,0);
   Says("StringToCharArray","counts array elements, the final zero among them",StringToCharArray("ab",bytes)==3 && ArraySize(bytes)==3 && bytes[2]==0);
   Says("StringToCharArray","copies so many with a count, and no zero",StringToCharArray("abc",bytes,1,2)==2 && bytes[0]==97 && bytes[1]==97 && bytes[2]==98);
   Says("StringToCharArray","fills a fixed array and no more",StringToCharArray("xyz",few)==2 && few[1]==121);
   Says("CharArrayToString","stops at a zero",CharArrayToString(bytes,1,2)=="ab" && CharArrayToString(few,0,1)=="x");
  }

void TryArrays()
  {
   int numbers[];
   int fixed[3]={3,1,2};
   int other[];
   double exact[2]={0.5,0.5};
   ArrayResize(other,0);
   Says("ArrayResize","gives the new size and keeps what was there",ArrayResize(numbers,2)==2);
   ArrayInitialize(numbers,4);
   Says("ArrayInitialize","sets every element",numbers[0]==4 && numbers[1]==4);
   Says("ArrayResize","keeps the elements before",ArrayResize(numbers,5,10)==5 && numbers[0]==4 && numbers[1]==4);
   Says("ArrayResize","does not make a fixed array grow",ArrayResize(fixed,4)==-1 && ArraySize(fixed)==3);
   Says("ArraySize","counts elements",ArraySize(numbers)==5 && ArraySize(other)==0);
   Says("ArrayCopy","lets a dynamic target grow",ArrayCopy(other,fixed)==3 && ArraySize(other)==3 && other[0]==3);
   Says("ArrayCopy","copies from and to a place",ArrayCopy(other,fixed,1,0,2)==2 && other[0]==3 && other[1]==3 && other[2]==1);
   Says("ArrayCopy","cuts what does not fit into a fixed target",ArrayCopy(fixed,other,2)==1 && fixed[2]==3);
   Says("ArrayCopy","copies within one array",ArrayCopy(other,other,1,0,2)==2 && other[1]==3 && other[2]==3);
   int mixed[4]={5,-1,3,-1};
   Says("ArraySort","sorts upwards",ArraySort(mixed) && mixed[0]==-1 && mixed[1]==-1 && mixed[3]==5);
   ZeroMemory(mixed);
   Says("ZeroMemory","sets every element to 0",mixed[0]==0 && mixed[3]==0);
   ArrayFree(numbers);
   Says("ArrayFree","leaves no element",ArraySize(numbers)==0);
   Says("MathRound","rounds halves away from 0",MathRound(2.5)==3.0 && MathRound(-2.5)==-3.0 && MathRound(2.4)==2.0);
   Says("MathIsValidNumber","refuses what is no number",MathIsValidNumber(exact[0]) && !MathIsValidNumber(DBL_MAX*(exact[0]+4.0)));
   Says("NormalizeDouble","rounds to digits",NormalizeDouble(1.234567,5)==1.23457 && NormalizeDouble(-1.5,0)==-2.0);
   MathSrand(7);
   const int first=MathRand();
   const int second=MathRand();
   MathSrand(7);
   Says("MathSrand","begins the same series again",MathRand()==first && MathRand()==second);
   Says("MathRand","gives 0 to 32767",first>=0 && first<=32767 && second>=0 && second<=32767 && first!=second);
  }

void TryDigests()
  {
   uchar text[3]={97,98,99};
   uchar key[];
   uchar digest[];
   ArrayResize(key,0);
   // FIPS 180-4, example of one block: "abc".
   Says("CryptEncode","CRYPT_HASH_SHA256 gives the digest of FIPS 180-4",CryptEncode(CRYPT_HASH_SHA256,text,key,digest)==32 && digest[0]==0xBA && digest[1]==0x78 && digest[31]==0xAD);
  }

void TryFiles()
  {
   uchar written[4]={1,2,3,4};
   uchar read[];
   Says("FileIsExist","is false before the first write",!FileIsExist("a/b.bin"));
   ResetLastError();
   Says("FileOpen","does not open for reading what is not there: 5019",FileOpen("a/b.bin",FILE_READ | FILE_BIN)==INVALID_HANDLE && GetLastError()==ERR_FILE_NOT_EXIST);
   Says("FileOpen","does not leave the folder of the terminal",FileOpen("../b.bin",FILE_WRITE | FILE_BIN)==INVALID_HANDLE);
   int file=FileOpen("a/b.bin",FILE_WRITE | FILE_BIN);
   Says("FileOpen","makes folders and a handle",file!=INVALID_HANDLE);
   Says("FileWriteArray","counts the elements written",FileWriteArray(file,written,1,3)==3);
   FileFlush(file);
   const int beside=FileOpen("a/b.bin",FILE_READ | FILE_BIN);
   Says("FileFlush","brings to the disk what was written",FileReadArray(beside,read)==3 && read[0]==2);
   FileClose(beside);
   FileClose(file);
   Says("FileClose","ends the handle",FileWriteArray(file,written)==0);
   file=FileOpen("a/b.bin",FILE_READ | FILE_BIN);
   ArrayResize(read,0);
   Says("FileReadArray","reads to the end and lets the array grow",FileReadArray(file,read)==3 && ArraySize(read)==3 && read[2]==4);
   Says("FileReadArray","reads nothing beyond the end",FileReadArray(file,read)==0);
   FileClose(file);
   Says("FileDelete","takes the file away",FileDelete("a/b.bin") && !FileIsExist("a/b.bin") && !FileDelete("a/b.bin"));
  }

void TryRows(const int database)
  {
   int request=DatabasePrepare(database,"INSERT INTO t VALUES(?1,?2)",7,"seven");
   Says("DatabasePrepare","takes parameters after the statement",request!=INVALID_HANDLE);
   Says("DatabaseRead","runs a statement that has no row: 5126",!DatabaseRead(request) && GetLastError()==ERR_DATABASE_NO_MORE_DATA);
   DatabaseFinalize(request);
   Says("DatabaseFinalize","ends the handle",!DatabaseRead(request));
   request=DatabasePrepare(database,"INSERT INTO t VALUES(?1,?2)");
   Says("DatabaseBind","counts parameters from 0",DatabaseBind(request,0,9007199254740993) && DatabaseBind(request,1,"big") && !DatabaseBind(request,2,1));
   DatabaseRead(request);
   DatabaseFinalize(request);
   int small=0;
   long big=0;
   string text="";
   request=DatabasePrepare(database,"SELECT n,s FROM t ORDER BY n");
   Says("DatabaseColumnInteger","gives nothing before the first row",!DatabaseColumnInteger(request,0,small));
   DatabaseRead(request);
   Says("DatabaseColumnInteger","reads 32 bits of a column",DatabaseColumnInteger(request,0,small) && small==7 && !DatabaseColumnInteger(request,2,small));
   DatabaseRead(request);
   Says("DatabaseColumnLong","reads 64 bits of a column",DatabaseColumnLong(request,0,big) && big==9007199254740993);
   Says("DatabaseColumnText","reads text",DatabaseColumnText(request,1,text) && text=="big");
   Says("DatabaseRead","ends after the last row",!DatabaseRead(request));
   DatabaseFinalize(request);
  }

int Count(const int database)
  {
   int rows=-1;
   const int request=DatabasePrepare(database,"SELECT count(*) FROM t");
   if(DatabaseRead(request))
      DatabaseColumnInteger(request,0,rows);
   DatabaseFinalize(request);
   return(rows);
  }

void TryDatabase()
  {
   ResetLastError();
   Says("DatabaseOpen","does not make a file unless it is told to",DatabaseOpen("t.sqlite",DATABASE_OPEN_READWRITE)==INVALID_HANDLE && GetLastError()!=ERR_SUCCESS);
   int database=DatabaseOpen("t.sqlite",DATABASE_OPEN_READWRITE | DATABASE_OPEN_CREATE);
   Says("DatabaseOpen","gives a handle",database!=INVALID_HANDLE);
   Says("DatabaseExecute","runs a statement, and fails with SQLite's code over 5600",DatabaseExecute(database,"CREATE TABLE t(n INTEGER,s TEXT)") && !DatabaseExecute(database,"nonsense") && GetLastError()==ERR_DATABASE_ERROR);
   TryRows(database);
   Says("DatabaseTransactionBegin","begins one transaction at a time",DatabaseTransactionBegin(database) && !DatabaseTransactionBegin(database));
   DatabaseExecute(database,"DELETE FROM t");
   Says("DatabaseTransactionRollback","undoes everything since",DatabaseTransactionRollback(database) && Count(database)==2);
   DatabaseTransactionBegin(database);
   DatabaseExecute(database,"DELETE FROM t WHERE n=7");
   Says("DatabaseTransactionCommit","keeps everything since",DatabaseTransactionCommit(database) && Count(database)==1);
   DatabaseClose(database);
   Says("DatabaseClose","ends the handle and keeps the rows",!DatabaseExecute(database,"SELECT 1"));
   database=DatabaseOpen("t.sqlite",DATABASE_OPEN_READWRITE);
   Says("DatabaseClose","leaves what was committed on the disk",Count(database)==1);
   DatabaseClose(database);
  }

void TrySockets()
  {
   uchar out[5]={104,101,108,108,111};
   uchar answer[];
   const int socket=SocketCreate();
   Says("SocketCreate","gives a handle, and only with default flags",socket!=INVALID_HANDLE && SocketCreate(1)==INVALID_HANDLE);
   Says("SocketIsConnected","is false before the connection",!SocketIsConnected(socket));
   ResetLastError();
   Says("SocketConnect","refuses an address that is not on the list: 4014",!SocketConnect(socket,"127.0.0.2",(uint)InpPort,1000) && GetLastError()==ERR_FUNCTION_NOT_ALLOWED);
   Says("SocketConnect","fails where nobody listens: 5272",!SocketConnect(socket,"127.0.0.1",1,1000) && GetLastError()==ERR_NETSOCKET_CANNOT_CONNECT);
   Says("SocketConnect","connects",SocketConnect(socket,"127.0.0.1",(uint)InpPort,1000) && SocketIsConnected(socket));
   Says("SocketTimeouts","takes both times",SocketTimeouts(socket,250,250));
   Says("SocketIsWritable","is true while the network takes more",SocketIsWritable(socket));
   ArrayResize(answer,0);
   Says("SocketRead","fails when its time is over without a byte: 5273",SocketRead(socket,answer,1,1)==-1 && GetLastError()==ERR_NETSOCKET_IO_ERROR && SocketIsConnected(socket));
   Says("SocketSend","counts the bytes sent",SocketSend(socket,out,5)==5);
   // The peer sends every byte back; its answer may take a moment, and a 1 may be a speculation.
   for(int i=0; i<2000 && SocketIsReadable(socket)<5; i++)
      Sleep(1);
   Says("SocketIsReadable","counts the bytes that are here",SocketIsReadable(socket)==5);
   Says("SocketRead","reads at most what it is asked for",SocketRead(socket,answer,2,100)==2 && ArraySize(answer)==2 && answer[1]==101);
   Says("SocketRead","blocks for more than is here until its time is over",SocketRead(socket,answer,9,5)==3 && answer[2]==111);
   bool guessed=false;
   for(int i=0; i<64; i++)
      guessed=guessed || SocketIsReadable(socket)==1;
   Says("SocketIsReadable","may report a byte that is not here",guessed);
   Says("SocketClose","ends the handle",SocketClose(socket) && !SocketClose(socket) && !SocketIsConnected(socket) && GetLastError()==ERR_NETSOCKET_INVALIDHANDLE);
  }

void OnStart()
  {
   TryTexts();
   TryBytes();
   TryArrays();
   TryDigests();
   TryFiles();
   TryDatabase();
   TrySockets();
   ResetLastError();
   Says("ResetLastError","sets the error to 0",GetLastError()==0);
   FileOpen("nowhere",FILE_READ | FILE_BIN);
   Says("GetLastError","keeps the last error until it is reset",GetLastError()==ERR_FILE_NOT_EXIST && GetLastError()==ERR_FILE_NOT_EXIST);
   const ulong before=GetMicrosecondCount();
   Sleep(3);
   const ulong after=GetMicrosecondCount();
   Says("Sleep","stops the program for so many milliseconds",after-before>=3000);
   Says("GetMicrosecondCount","counts microseconds of the program",after<60000000);
  }
