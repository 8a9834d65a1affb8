// One ZMTP connection as a DEALER: greeting, handshake, messages of at most two parts, heartbeats.
// It works on buffers only; Link.mqh moves the bytes.
#ifndef BULWARK_ZMTP_MQH
#define BULWARK_ZMTP_MQH

#include "ZmtpFrames.mqh"

#define BW_PEER_DOWN 0
// Connected in this very event: nothing may be sent before the next one.
#define BW_PEER_CONNECTED 1
#define BW_PEER_GREETING 2
#define BW_PEER_HANDSHAKE 3
#define BW_PEER_UP 4

#define BW_NEXT_NOTHING 0
#define BW_NEXT_MESSAGE 1
#define BW_NEXT_BROKEN 2

struct BwPeer
  {
   int               state;
   string            identity;
   BwBytes           in;
   int               parsed;
   BwBytes           out;
   // The message that is being put together.
   BwBytes           first;
   BwBytes           second;
   int               parts;
   string            fault;
  };

void BwPeerReset(BwPeer &peer)
  {
   peer.state=BW_PEER_DOWN;
   peer.parsed=0;
   peer.parts=0;
   peer.fault="";
   BwFree(peer.in);
   BwFree(peer.out);
   BwFree(peer.first);
   BwFree(peer.second);
  }

int BwPeerBroken(BwPeer &peer,const string why)
  {
   peer.fault=why;
   return(BW_NEXT_BROKEN);
  }

void BwPeerGreet(BwPeer &peer)
  {
   BwPutGreeting(peer.out,"NULL");
   peer.state=BW_PEER_GREETING;
  }

// The greeting has a fixed length; a peer that speaks something else is found at its first bytes.
int BwPeerGreeting(BwPeer &peer)
  {
   if(!BwGreetingFits(peer.in,"NULL"))
      return(BwPeerBroken(peer,"the peer does not speak ZMTP 3 with this security mechanism"));
   if(peer.in.size<BW_GREETING_BYTES)
      return(BW_NEXT_NOTHING);
   peer.parsed=BW_GREETING_BYTES;
   BwBytes ready;
   BwClear(ready);
   BwPutCommandName(ready,"READY");
   BwPutMetadata(ready,peer.identity);
   BwPutFrame(peer.out,BW_FLAG_COMMAND,ready);
   peer.state=BW_PEER_HANDSHAKE;
   return(BW_NEXT_NOTHING);
  }

string BwPeerErrorText(const BwPeer &peer,const BwFrame &frame,const int at)
  {
   const int end=frame.start+frame.length;
   int length=(at<end) ? (int)peer.in.data[at] : 0;
   if(length>end-at-1)
      length=0;
   if(!BwIsUtf8(peer.in.data,at+1,at+1+length))
      length=0;
   return("the peer refuses: "+BwTextOf(peer.in.data,at+1,length));
  }

int BwPeerHandshake(BwPeer &peer,const BwFrame &frame)
  {
   if((frame.flags & BW_FLAG_COMMAND)==0)
      return(BwPeerBroken(peer,"a message came before the handshake ended"));
   const int error=BwCommandNamed(peer.in,frame,"ERROR");
   if(error>=0)
      return(BwPeerBroken(peer,BwPeerErrorText(peer,frame,error)));
   const int ready=BwCommandNamed(peer.in,frame,"READY");
   if(ready<0 || !BwIsRouterMetadata(peer.in,ready,frame.start+frame.length))
      return(BwPeerBroken(peer,"the peer is no ROUTER"));
   peer.state=BW_PEER_UP;
   return(BW_NEXT_NOTHING);
  }

// PING carries a time-to-live (2 bytes) and a context of at most 16, which PONG repeats.
int BwPeerCommand(BwPeer &peer,const BwFrame &frame)
  {
   const int ping=BwCommandNamed(peer.in,frame,"PING");
   if(ping<0)
      return(BW_NEXT_NOTHING);
   const int context=frame.start+frame.length-ping-2;
   if(context<0 || context>16)
      return(BwPeerBroken(peer,"a PING of the wrong length"));
   BwBytes pong;
   BwClear(pong);
   BwPutCommandName(pong,"PONG");
   BwPutArray(pong,peer.in.data,ping+2,context);
   BwPutFrame(peer.out,BW_FLAG_COMMAND,pong);
   return(BW_NEXT_NOTHING);
  }

// Keeps two parts; what is beyond them is counted and thrown away.
int BwPeerPart(BwPeer &peer,const BwFrame &frame)
  {
   if(peer.parts==0)
     {
      BwClear(peer.first);
      BwClear(peer.second);
      BwPutArray(peer.first,peer.in.data,frame.start,frame.length);
     }
   if(peer.parts==1)
      BwPutArray(peer.second,peer.in.data,frame.start,frame.length);
   if(peer.parts<=BW_MESSAGE_PARTS)
      peer.parts++;
   return((frame.flags & BW_FLAG_MORE)!=0 ? BW_NEXT_NOTHING : BW_NEXT_MESSAGE);
  }

int BwPeerFrame(BwPeer &peer,const BwFrame &frame)
  {
   if(peer.state==BW_PEER_HANDSHAKE)
      return(BwPeerHandshake(peer,frame));
   if((frame.flags & BW_FLAG_COMMAND)!=0)
      return(BwPeerCommand(peer,frame));
   return(BwPeerPart(peer,frame));
  }

// Works through what was received until a message is complete. The caller reads `first`, `second`
// and `parts`, and calls BwPeerTaken before the next call.
int BwPeerNext(BwPeer &peer)
  {
   if(peer.state==BW_PEER_GREETING)
     {
      const int greeted=BwPeerGreeting(peer);
      if(greeted!=BW_NEXT_NOTHING || peer.state==BW_PEER_GREETING)
         return(greeted);
     }
   if(peer.state<BW_PEER_HANDSHAKE)
      return(BW_NEXT_NOTHING);
   BwFrame frame;
   while(true)
     {
      const int most=(peer.state==BW_PEER_UP) ? BW_FRAME_BYTES : BW_COMMAND_BYTES;
      const int found=BwNextFrame(peer.in,peer.parsed,most,frame);
      if(found==BW_FRAME_BROKEN)
         return(BwPeerBroken(peer,"a frame that ZMTP does not know or does not allow here"));
      if(found==BW_FRAME_NONE)
         return(BW_NEXT_NOTHING);
      peer.parsed=frame.next;
      const int verdict=BwPeerFrame(peer,frame);
      if(verdict!=BW_NEXT_NOTHING)
         return(verdict);
     }
   return(BW_NEXT_NOTHING);
  }

void BwPeerTaken(BwPeer &peer)
  {
   peer.parts=0;
  }

// Once per event: what was worked through leaves the buffer.
void BwPeerCompact(BwPeer &peer)
  {
   BwDropFront(peer.in,peer.parsed);
   peer.parsed=0;
  }

// One message. The second part is sent only when it is there.
void BwPeerSend(BwPeer &peer,const BwBytes &json,const BwBytes &attachment,const bool attached)
  {
   BwPutFrame(peer.out,attached ? BW_FLAG_MORE : 0,json);
   if(attached)
      BwPutFrame(peer.out,0,attachment);
  }

// Asks for a PONG; the time-to-live is in tenths of a second.
void BwPeerPing(BwPeer &peer)
  {
   BwBytes ping;
   BwClear(ping);
   BwPutCommandName(ping,"PING");
   BwPutBig(ping,(ulong)(BW_SILENT_LINK_MS/100),2);
   BwPutFrame(peer.out,BW_FLAG_COMMAND,ping);
  }

#endif
