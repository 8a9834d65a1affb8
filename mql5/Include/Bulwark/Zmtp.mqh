// One ZMTP connection as a DEALER: greeting, handshake, messages of at most two parts, heartbeats.
// It works on buffers only; Link.mqh moves the bytes.
#ifndef BULWARK_ZMTP_MQH
#define BULWARK_ZMTP_MQH

#include "ZmtpFrames.mqh"
#include "Curve.mqh"

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
   BwCurve           curve;
   // The frame that was sealed in the last one.
   BwBytes           opened;
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
   BwFree(peer.opened);
  }

string BwMechanism(const BwPeer &peer)
  {
   return(peer.curve.enabled ? "CURVE" : "NULL");
  }

// One frame on its way out, sealed where keys are used.
void BwPeerPut(BwPeer &peer,const int flags,const BwBytes &body)
  {
   if(peer.curve.enabled)
      BwCurvePutFrame(peer.curve,peer.out,flags,body);
   else
      BwPutFrame(peer.out,flags,body);
  }

int BwPeerBroken(BwPeer &peer,const string why)
  {
   peer.fault=why;
   return(BW_NEXT_BROKEN);
  }

void BwPeerGreet(BwPeer &peer)
  {
   BwPutGreeting(peer.out,BwMechanism(peer));
   peer.state=BW_PEER_GREETING;
  }

// The greeting has a fixed length; a peer that speaks something else is found at its first bytes.
int BwPeerGreeting(BwPeer &peer)
  {
   if(!BwGreetingFits(peer.in,BwMechanism(peer)))
      return(BwPeerBroken(peer,"the peer does not speak ZMTP 3 with this security mechanism"));
   if(peer.in.size<BW_GREETING_BYTES)
      return(BW_NEXT_NOTHING);
   peer.parsed=BW_GREETING_BYTES;
   peer.state=BW_PEER_HANDSHAKE;
   if(peer.curve.enabled)
     {
      if(!BwCurveHello(peer.curve,peer.out))
         return(BwPeerBroken(peer,"no key could be made: is the disk full?"));
      return(BW_NEXT_NOTHING);
     }
   BwBytes ready;
   BwClear(ready);
   BwPutCommandName(ready,"READY");
   BwPutMetadata(ready,peer.identity);
   BwPutFrame(peer.out,BW_FLAG_COMMAND,ready);
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

int BwPeerCurveHandshake(BwPeer &peer,const BwFrame &frame)
  {
   if(BwCommandNamed(peer.in,frame,"WELCOME")>=0)
     {
      if(!BwCurveWelcome(peer.curve,peer.in,frame,peer.identity,peer.out))
         return(BwPeerBroken(peer,"a WELCOME that does not open: is the runtime's key right?"));
      return(BW_NEXT_NOTHING);
     }
   if(!BwCurveReady(peer.curve,peer.in,frame))
      return(BwPeerBroken(peer,"a handshake that does not open, or the peer is no ROUTER"));
   peer.state=BW_PEER_UP;
   return(BW_NEXT_NOTHING);
  }

int BwPeerHandshake(BwPeer &peer,const BwFrame &frame)
  {
   if((frame.flags & BW_FLAG_COMMAND)==0)
      return(BwPeerBroken(peer,"a message came before the handshake ended"));
   const int error=BwCommandNamed(peer.in,frame,"ERROR");
   if(error>=0)
      return(BwPeerBroken(peer,BwPeerErrorText(peer,frame,error)));
   if(peer.curve.enabled)
      return(BwPeerCurveHandshake(peer,frame));
   const int ready=BwCommandNamed(peer.in,frame,"READY");
   if(ready<0 || !BwIsRouterMetadata(peer.in,ready,frame.start+frame.length))
      return(BwPeerBroken(peer,"the peer is no ROUTER"));
   peer.state=BW_PEER_UP;
   return(BW_NEXT_NOTHING);
  }

// PING carries a time-to-live (2 bytes) and a context of at most 16, which PONG repeats.
int BwPeerCommand(BwPeer &peer,const BwBytes &data,const BwFrame &frame)
  {
   const int ping=BwCommandNamed(data,frame,"PING");
   if(ping<0)
      return(BW_NEXT_NOTHING);
   const int context=frame.start+frame.length-ping-2;
   if(context<0 || context>16)
      return(BwPeerBroken(peer,"a PING of the wrong length"));
   BwBytes pong;
   BwClear(pong);
   BwPutCommandName(pong,"PONG");
   BwPutArray(pong,data.data,ping+2,context);
   BwPeerPut(peer,BW_FLAG_COMMAND,pong);
   return(BW_NEXT_NOTHING);
  }

// Keeps two parts; what is beyond them is counted and thrown away.
int BwPeerPart(BwPeer &peer,const BwBytes &data,const BwFrame &frame)
  {
   if(peer.parts==0)
     {
      BwClear(peer.first);
      BwClear(peer.second);
      BwPutArray(peer.first,data.data,frame.start,frame.length);
     }
   if(peer.parts==1)
      BwPutArray(peer.second,data.data,frame.start,frame.length);
   if(peer.parts<=BW_MESSAGE_PARTS)
      peer.parts++;
   return((frame.flags & BW_FLAG_MORE)!=0 ? BW_NEXT_NOTHING : BW_NEXT_MESSAGE);
  }

int BwPeerPlainFrame(BwPeer &peer,const BwBytes &data,const BwFrame &frame)
  {
   if((frame.flags & BW_FLAG_COMMAND)!=0)
      return(BwPeerCommand(peer,data,frame));
   return(BwPeerPart(peer,data,frame));
  }

int BwPeerFrame(BwPeer &peer,const BwFrame &frame)
  {
   if(peer.state==BW_PEER_HANDSHAKE)
      return(BwPeerHandshake(peer,frame));
   if(!peer.curve.enabled)
      return(BwPeerPlainFrame(peer,peer.in,frame));
   BwFrame inside;
   if(!BwCurveTakeFrame(peer.curve,peer.in,frame,peer.opened,inside))
      return(BwPeerBroken(peer,"a frame that was not sealed with this session's key"));
   return(BwPeerPlainFrame(peer,peer.opened,inside));
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
      const int most=(peer.state==BW_PEER_UP) ? BW_FRAME_BYTES+BW_COMMAND_BYTES : BW_COMMAND_BYTES;
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
   BwPeerPut(peer,attached ? BW_FLAG_MORE : 0,json);
   if(attached)
      BwPeerPut(peer,0,attachment);
  }

// Asks for a PONG; the time-to-live is in tenths of a second.
void BwPeerPing(BwPeer &peer)
  {
   BwBytes ping;
   BwClear(ping);
   BwPutCommandName(ping,"PING");
   BwPutBig(ping,(ulong)(BW_SILENT_LINK_MS/100),2);
   BwPeerPut(peer,BW_FLAG_COMMAND,ping);
  }

#endif
