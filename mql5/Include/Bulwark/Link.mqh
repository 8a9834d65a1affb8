// The socket behind the connection: a list of endpoints, reconnect with back-off, and the rules of
// MetaTrader's sockets (read only what is reported, one gathered send, never in the event that
// connected).
#ifndef BULWARK_LINK_MQH
#define BULWARK_LINK_MQH

#include "Zmtp.mqh"
#include "Numbers.mqh"
#include "Log.mqh"

struct BwLink
  {
   BwPeer            peer;
   int               socket;
   string            hosts[BW_ENDPOINTS];
   int               ports[BW_ENDPOINTS];
   int               endpoints;
   int               current;
   // Full jitter over a doubling delay, after each round of endpoints that failed.
   int               failedRounds;
   ulong             nextTryMs;
   ulong             sinceMs;
   ulong             heardMs;
   ulong             pingMs;
   int               failedReads;
   string            lastFault;
  };

BwLink g_bwLink;

// "tcp://host:port" or "host:port"; spaces and a trailing carriage return are dropped.
bool BwParseEndpoint(const string text,string &host,int &port)
  {
   string rest=BwTrim(text);
   if(StringFind(rest,"tcp://")==0)
      rest=StringSubstr(rest,6);
   const int length=StringLen(rest);
   int colon=-1;
   for(int i=0; i<length; i++)
      if(StringGetCharacter(rest,i)==':')
         colon=i;
   if(colon<1 || colon==length-1 || length-colon>6)
      return(false);
   for(int i=colon+1; i<length; i++)
      if(!BwIsDigit((int)StringGetCharacter(rest,i)))
         return(false);
   host=StringSubstr(rest,0,colon);
   port=(int)StringToInteger(StringSubstr(rest,colon+1));
   return(port>0 && port<65536);
  }

// Takes the operator's list. The number of endpoints, or 0 when one of them cannot be one.
int BwLinkSetup(BwLink &link,const string list,const string identity)
  {
   BwPeerReset(link.peer);
   link.peer.identity=identity;
   link.socket=INVALID_HANDLE;
   link.endpoints=0;
   link.current=0;
   link.failedRounds=0;
   link.nextTryMs=0;
   link.lastFault="";
   string items[];
   const int count=StringSplit(list,(ushort)',',items);
   for(int i=0; i<count && link.endpoints<BW_ENDPOINTS; i++)
     {
      if(BwTrim(items[i])=="")
         continue;
      string host="";
      int port=0;
      if(!BwParseEndpoint(items[i],host,port))
         return(0);
      link.hosts[link.endpoints]=host;
      link.ports[link.endpoints]=port;
      link.endpoints++;
     }
   return(link.endpoints);
  }

string BwLinkEndpoint(const BwLink &link)
  {
   if(link.endpoints==0)
      return("nowhere");
   return(link.hosts[link.current]+":"+IntegerToString(link.ports[link.current]));
  }

bool BwLinkUp(const BwLink &link)
  {
   return(link.peer.state==BW_PEER_UP);
  }

void BwLinkPause(BwLink &link,const ulong now)
  {
   int ceiling=BW_BACKOFF_FIRST_MS;
   for(int i=0; i<link.failedRounds && ceiling<BW_BACKOFF_MAX_MS; i++)
      ceiling*=2;
   if(ceiling>BW_BACKOFF_MAX_MS)
      ceiling=BW_BACKOFF_MAX_MS;
   // MathRand is good enough to spread reconnects; nothing secret depends on it.
   link.nextTryMs=now+(ulong)((long)MathRand()*(long)ceiling/32767);
   if(link.failedRounds<16)
      link.failedRounds++;
  }

// Next endpoint, or a pause when the round is over.
void BwLinkNextEndpoint(BwLink &link,const string why,const ulong now)
  {
   link.lastFault=BwLinkEndpoint(link)+": "+why;
   BwLog(BW_LOG_DEBUG,"link "+link.lastFault);
   link.current++;
   if(link.current<link.endpoints)
      return;
   link.current=0;
   BwLinkPause(link,now);
  }

// Ends the connection. One that had been up is looked for again from the head of the list; one that
// broke the protocol is not, or whoever does that at once would keep the EA from all the others.
void BwLinkDrop(BwLink &link,const string why,const ulong now)
  {
   const bool broke=(link.peer.fault!="");
   const bool lived=(BwLinkUp(link) && !broke);
   if(link.socket!=INVALID_HANDLE)
      SocketClose(link.socket);
   link.socket=INVALID_HANDLE;
   BwPeerReset(link.peer);
   if(!lived)
     {
      BwLinkNextEndpoint(link,why,now);
      return;
     }
   link.lastFault=BwLinkEndpoint(link)+": "+why;
   BwLog(BW_LOG_WARNING,"link "+link.lastFault);
   if(now-link.sinceMs>=BW_BACKOFF_MAX_MS)
      link.failedRounds=0;
   link.current=0;
   BwLinkPause(link,now);
  }

// One attempt at one endpoint per event: blocks for at most BW_CONNECT_MS.
void BwLinkConnect(BwLink &link,const ulong now)
  {
   if(link.endpoints==0 || now<link.nextTryMs)
      return;
   const int created=SocketCreate();
   if(created==INVALID_HANDLE)
     {
      BwLinkNextEndpoint(link,"no socket, error "+IntegerToString(GetLastError()),now);
      return;
     }
   if(!SocketConnect(created,link.hosts[link.current],(uint)link.ports[link.current],BW_CONNECT_MS))
     {
      const int error=GetLastError();
      SocketClose(created);
      string why="no connection, error "+IntegerToString(error);
      if(error==4014)
         why="not allowed: add the address to Tools > Options > Expert Advisors";
      BwLinkNextEndpoint(link,why,now);
      return;
     }
   SocketTimeouts(created,BW_SEND_MS,BW_SEND_MS);
   link.socket=created;
   link.sinceMs=now;
   link.heardMs=now;
   link.pingMs=now;
   link.failedReads=0;
   link.peer.state=BW_PEER_CONNECTED;
  }

// Reads what has arrived, never more than is reported: over-asking freezes the terminal.
void BwLinkRead(BwLink &link,const ulong now)
  {
   for(int i=0; i<BW_READS_PER_EVENT && link.socket!=INVALID_HANDLE; i++)
     {
      uint waiting=SocketIsReadable(link.socket);
      if(waiting==0)
        {
         link.failedReads=0;
         return;
        }
      if(waiting>BW_READ_CHUNK)
         waiting=BW_READ_CHUNK;
      uchar chunk[];
      ArrayFree(chunk);
      const int got=SocketRead(link.socket,chunk,waiting,1);
      if(got<=0)
        {
         // One byte may be reported that is not there; only failures in a row mean the end.
         link.failedReads++;
         if(link.failedReads>=BW_FAILED_READS || !SocketIsConnected(link.socket))
            BwLinkDrop(link,"the connection ended",now);
         return;
        }
      link.failedReads=0;
      link.heardMs=now;
      BwPutArray(link.peer.in,chunk,0,got);
     }
  }

// Waits a moment for the first byte of an answer, so that the timer's coarse step is not its latency.
// True when something came.
bool BwLinkPark(BwLink &link,const int parkMs,const ulong now)
  {
   if(!BwLinkUp(link))
      return(false);
   if(SocketIsReadable(link.socket)>0)
      return(true);
   if(parkMs<=0)
      return(false);
   uchar chunk[];
   ArrayFree(chunk);
   if(SocketRead(link.socket,chunk,1,(uint)parkMs)!=1)
      return(false);
   link.heardMs=now;
   BwPutArray(link.peer.in,chunk,0,1);
   return(true);
  }

// One gathered send. What the network does not take now stays for the next event.
void BwLinkFlush(BwLink &link,const ulong now)
  {
   if(link.socket==INVALID_HANDLE || link.peer.state==BW_PEER_CONNECTED || link.peer.out.size==0)
      return;
   if(link.peer.out.overflow || link.peer.out.size>BW_SEND_BYTES)
     {
      BwLinkDrop(link,"the runtime does not read what it is sent",now);
      return;
     }
   if(!SocketIsWritable(link.socket))
      return;
   const int sent=SocketSend(link.socket,link.peer.out.data,(uint)link.peer.out.size);
   if(sent<0)
     {
      BwLinkDrop(link,"sending failed, error "+IntegerToString(GetLastError()),now);
      return;
     }
   BwDropFront(link.peer.out,sent);
  }

// Deadlines of the connection: handshake, silence, and the PING that makes a live peer answer.
void BwLinkWatch(BwLink &link,const ulong now)
  {
   if(link.socket==INVALID_HANDLE)
      return;
   if(!SocketIsConnected(link.socket))
     {
      BwLinkDrop(link,"the connection ended",now);
      return;
     }
   if(link.peer.state!=BW_PEER_UP)
     {
      if(now-link.sinceMs>BW_HANDSHAKE_MS)
         BwLinkDrop(link,"no handshake in time",now);
      return;
     }
   if(now-link.heardMs>BW_SILENT_LINK_MS)
     {
      BwLinkDrop(link,"nothing was heard",now);
      return;
     }
   if(now-link.pingMs>=BW_PING_EVERY_MS)
     {
      link.pingMs=now;
      BwPeerPing(link.peer);
     }
  }

// One event's inbound work of the transport. The caller then takes messages with BwPeerNext.
void BwLinkPump(BwLink &link,const ulong now)
  {
   if(link.socket==INVALID_HANDLE)
     {
      BwLinkConnect(link,now);
      return;
     }
   if(link.peer.state==BW_PEER_CONNECTED)
      BwPeerGreet(link.peer);
   BwLinkRead(link,now);
   BwLinkWatch(link,now);
  }

void BwLinkClose(BwLink &link)
  {
   if(link.socket!=INVALID_HANDLE)
      SocketClose(link.socket);
   link.socket=INVALID_HANDLE;
   BwPeerReset(link.peer);
  }

#endif
