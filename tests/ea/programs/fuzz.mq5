// A seeded fuzzer of what the EA reads from the network: JSON text, and the frames under it. Mutations
// of well-formed input, so that they get past the first byte. Under sanitizers it must only end.
#include <Bulwark/Zmtp.mqh>
#include <Bulwark/Heard.mqh>

input int InpSeed=1;
input int InpRounds=2000;

uint g_random=1;

uint BwNextRandom()
  {
   g_random=g_random^(g_random<<13);
   g_random=g_random^(g_random>>17);
   g_random=g_random^(g_random<<5);
   return(g_random);
  }

int BwBelow(const int bound)
  {
   return((int)(BwNextRandom()%(uint)bound));
  }

// One to four changes: a byte, a cut, a piece twice, a length field of all ones.
void BwMutate(BwBytes &b)
  {
   const int changes=1+BwBelow(4);
   for(int i=0; i<changes && b.size>0; i++)
     {
      const int what=BwBelow(4);
      const int at=BwBelow(b.size);
      if(what==0)
         b.data[at]=(uchar)BwBelow(256);
      if(what==1)
         b.size=at;
      if(what==2)
        {
         BwBytes piece;
         BwClear(piece);
         BwPutArray(piece,b.data,at,b.size-at);
         BwPutBytes(b,piece);
        }
      if(what==3)
         for(int k=at; k<b.size && k<at+8; k++)
            b.data[k]=255;
     }
  }

void BwSample(BwBytes &b)
  {
   string text="{\"v\":1,\"kind\":\"query\",\"id\":\"r1\",\"re\":null,\"session\":\"s\",";
   text+="\"claim\":{\"epoch\":1,\"instance\":\"runtime\"},\"seq\":3,";
   text+="\"ts\":{\"msc\":1,\"server\":null,\"gmt\":null,\"mono\":9},\"trace\":\"\\u00e9\\ud83d\\ude00\",";
   text+="\"symbols\":[\"EURUSD\",\"a\\\\b\",-1.5e3,true,[[{}]]],\"magic\":\"4611686018427387905\"}";
   BwClear(b);
   BwPutUtf8(b,text);
  }

// How many of the mutated texts were still read.
int BwFuzzJson()
  {
   int good=0;
   BwBytes text;
   for(int i=0; i<InpRounds; i++)
     {
      BwSample(text);
      BwMutate(text);
      if(BwHear(text,1)!=BW_HEARD_GOOD)
         continue;
      good++;
      BwTicketIn(0,"magic");
      int item=BwItemsIn(0,"symbols");
      while(item>=0)
        {
         BwJsonText(g_bwHeard.json,item);
         item=BwNextItem(0,"symbols",item);
        }
     }
   return(good);
  }

// A greeting, a handshake, a PING, and a message of two parts.
void BwStream(BwBytes &b)
  {
   BwBytes body;
   BwClear(b);
   BwPutGreeting(b,"NULL");
   BwClear(body);
   BwPutCommandName(body,"READY");
   BwPutProperty(body,"Socket-Type","ROUTER");
   BwPutFrame(b,BW_FLAG_COMMAND,body);
   BwClear(body);
   BwPutCommandName(body,"PING");
   BwPutBig(body,60,2);
   BwPutUtf8(body,"context");
   BwPutFrame(b,BW_FLAG_COMMAND,body);
   BwSample(body);
   BwPutFrame(b,BW_FLAG_MORE,body);
   BwPutFrame(b,0,body);
  }

// Feeds a mutated stream in pieces; how many of them still gave a message.
int BwFuzzFrames()
  {
   int good=0;
   BwPeer peer;
   BwBytes stream;
   peer.curve.enabled=false;
   peer.identity="1@S/e";
   for(int i=0; i<InpRounds; i++)
     {
      BwStream(stream);
      BwMutate(stream);
      BwPeerReset(peer);
      BwPeerGreet(peer);
      int at=0;
      int next=BW_NEXT_NOTHING;
      while(at<stream.size && next!=BW_NEXT_BROKEN)
        {
         int piece=1+BwBelow(200);
         if(piece>stream.size-at)
            piece=stream.size-at;
         BwPutArray(peer.in,stream.data,at,piece);
         at+=piece;
         next=BwPeerNext(peer);
         if(next==BW_NEXT_MESSAGE)
           {
            good++;
            BwPeerTaken(peer);
           }
         BwPeerCompact(peer);
        }
     }
   return(good);
  }

void OnStart()
  {
   g_random=(uint)InpSeed;
   const int texts=BwFuzzJson();
   const int messages=BwFuzzFrames();
   PrintFormat("read %d texts and %d messages of %d",texts,messages,InpRounds);
  }
