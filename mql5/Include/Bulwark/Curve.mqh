// CurveZMQ (RFC 26) as a client: HELLO, WELCOME, INITIATE, READY, then every frame sealed.
#ifndef BULWARK_CURVE_MQH
#define BULWARK_CURVE_MQH

#include "Box.mqh"
#include "Pool.mqh"
#include "ZmtpFrames.mqh"

#define BW_COOKIE_BYTES 96
#define BW_WELCOME_BYTES 168

struct BwCurve
  {
   bool              enabled;
   // The runtime's public key, and our own pair.
   uchar             server[32];
   uchar             ownPublic[32];
   uchar             ownSecret[32];
   // Of this connection only.
   uchar             shortPublic[32];
   uchar             shortSecret[32];
   uchar             helloKey[32];
   uchar             sessionKey[32];
   ulong             sent;
   ulong             heard;
  };

void BwCopyKey(uchar &to[],const uchar &from[])
  {
   for(int i=0; i<BW_KEY_BYTES; i++)
      to[i]=from[i];
  }

// 16 letters and a counter.
void BwShortNonce(uchar &nonce[],const string letters,const ulong counter)
  {
   ArrayResize(nonce,BW_NONCE_BYTES);
   for(int i=0; i<16; i++)
      nonce[i]=(uchar)StringGetCharacter(letters,i);
   for(int i=0; i<8; i++)
      nonce[16+i]=(uchar)((counter>>(8*(7-i))) & 0xFF);
  }

// 8 letters and 16 bytes.
void BwLongNonce(uchar &nonce[],const string letters,const uchar &bytes[],const int from)
  {
   ArrayResize(nonce,BW_NONCE_BYTES);
   for(int i=0; i<8; i++)
      nonce[i]=(uchar)StringGetCharacter(letters,i);
   for(int i=0; i<16; i++)
      nonce[8+i]=bytes[from+i];
  }

// A new pair of keys for this connection, and HELLO. False without a pool.
bool BwCurveHello(BwCurve &c,BwBytes &out)
  {
   uchar drawn[];
   uchar key[];
   uchar nonce[];
   if(!BwPoolDraw(drawn))
      return(false);
   BwCopyKey(c.shortSecret,drawn);
   ArrayInitialize(drawn,0);
   BwX25519Public(key,c.shortSecret);
   BwCopyKey(c.shortPublic,key);
   BwBoxKey(key,c.server,c.shortSecret);
   BwCopyKey(c.helloKey,key);
   c.sent=1;
   c.heard=0;
   BwBytes hello;
   BwBytes zeros;
   BwClear(hello);
   BwClear(zeros);
   BwPutCommandName(hello,"HELLO");
   BwPutByte(hello,1);
   BwPutByte(hello,0);
   BwPutZeros(hello,72);
   BwPutArray(hello,c.shortPublic,0,BW_KEY_BYTES);
   BwPutBig(hello,c.sent,8);
   BwPutZeros(zeros,64);
   BwShortNonce(nonce,"CurveZMQHELLO---",c.sent);
   BwSeal(hello,zeros,nonce,c.helloKey);
   BwPutFrame(out,BW_FLAG_COMMAND,hello);
   return(!out.overflow);
  }

// C, the vouch that C' is ours, and who we are.
bool BwCurveInitiate(BwCurve &c,const BwBytes &welcome,const string identity,BwBytes &out)
  {
   uchar serverShort[];
   uchar key[];
   uchar nonce[];
   uchar vouchBytes[];
   ArrayResize(serverShort,BW_KEY_BYTES);
   ArrayCopy(serverShort,welcome.data,0,0,BW_KEY_BYTES);
   // What the runtime made up for this connection is known to nobody else: it freshens the pool.
   if(!BwPoolStep(welcome) || !BwPoolDraw(vouchBytes))
      return(false);
   BwBytes vouched;
   BwBytes inner;
   BwBytes initiate;
   BwClear(vouched);
   BwClear(inner);
   BwClear(initiate);
   BwPutArray(vouched,c.shortPublic,0,BW_KEY_BYTES);
   BwPutArray(vouched,c.server,0,BW_KEY_BYTES);
   BwPutArray(inner,c.ownPublic,0,BW_KEY_BYTES);
   BwPutArray(inner,vouchBytes,0,16);
   BwBoxKey(key,serverShort,c.ownSecret);
   BwLongNonce(nonce,"VOUCH---",vouchBytes,0);
   BwSeal(inner,vouched,nonce,key);
   BwPutMetadata(inner,identity);
   BwBoxKey(key,serverShort,c.shortSecret);
   BwCopyKey(c.sessionKey,key);
   c.sent++;
   BwPutCommandName(initiate,"INITIATE");
   BwPutArray(initiate,welcome.data,BW_KEY_BYTES,BW_COOKIE_BYTES);
   BwPutBig(initiate,c.sent,8);
   BwShortNonce(nonce,"CurveZMQINITIATE",c.sent);
   BwSeal(initiate,inner,nonce,c.sessionKey);
   BwPutFrame(out,BW_FLAG_COMMAND,initiate);
   return(!out.overflow);
  }

// WELCOME: the server's key of this connection and its cookie; answered by INITIATE.
bool BwCurveWelcome(BwCurve &c,const BwBytes &in,const BwFrame &frame,const string identity,BwBytes &out)
  {
   const int at=BwCommandNamed(in,frame,"WELCOME");
   if(at<0 || frame.length!=BW_WELCOME_BYTES)
      return(false);
   uchar nonce[];
   BwBytes plain;
   BwLongNonce(nonce,"WELCOME-",in.data,at);
   if(!BwUnseal(plain,in,at+16,frame.start+frame.length-at-16,nonce,c.helloKey) ||
      plain.size!=BW_KEY_BYTES+BW_COOKIE_BYTES)
      return(false);
   return(BwCurveInitiate(c,plain,identity,out));
  }

// A sealed part of a command or message: its short nonce must be newer than all before it.
bool BwCurveOpen(BwCurve &c,const string letters,const BwBytes &in,const int at,const int end,BwBytes &plain)
  {
   uchar nonce[];
   if(end-at<8+BW_MAC_BYTES)
      return(false);
   const ulong counter=BwReadBig(in,at,8);
   if(counter<=c.heard)
      return(false);
   BwShortNonce(nonce,letters,counter);
   if(!BwUnseal(plain,in,at+8,end-at-8,nonce,c.sessionKey))
      return(false);
   c.heard=counter;
   return(true);
  }

bool BwCurveReady(BwCurve &c,const BwBytes &in,const BwFrame &frame)
  {
   const int at=BwCommandNamed(in,frame,"READY");
   BwBytes plain;
   if(at<0 || !BwCurveOpen(c,"CurveZMQREADY---",in,at,frame.start+frame.length,plain))
      return(false);
   return(BwIsRouterMetadata(plain,0,plain.size));
  }

// One frame, sealed. Inside: a byte of flags (1 more, 2 command), then the body.
void BwCurvePutFrame(BwCurve &c,BwBytes &out,const int flags,const BwBytes &body)
  {
   uchar nonce[];
   BwBytes inner;
   BwBytes sealed;
   BwClear(inner);
   BwClear(sealed);
   const int more=((flags & BW_FLAG_MORE)!=0) ? 1 : 0;
   const int command=((flags & BW_FLAG_COMMAND)!=0) ? 2 : 0;
   BwPutByte(inner,more | command);
   BwPutBytes(inner,body);
   c.sent++;
   BwPutCommandName(sealed,"MESSAGE");
   BwPutBig(sealed,c.sent,8);
   BwShortNonce(nonce,"CurveZMQMESSAGEC",c.sent);
   BwSeal(sealed,inner,nonce,c.sessionKey);
   BwPutFrame(out,0,sealed);
  }

// The frame inside a sealed one: `plain` holds it, `opened` says where. False: it was tampered with.
bool BwCurveTakeFrame(BwCurve &c,const BwBytes &in,const BwFrame &frame,BwBytes &plain,BwFrame &opened)
  {
   const int at=BwCommandNamed(in,frame,"MESSAGE");
   if(at<0 || !BwCurveOpen(c,"CurveZMQMESSAGES",in,at,frame.start+frame.length,plain) || plain.size<1)
      return(false);
   const int flags=(int)plain.data[0];
   opened.flags=((flags & 1)!=0 ? BW_FLAG_MORE : 0) | ((flags & 2)!=0 ? BW_FLAG_COMMAND : 0);
   opened.start=1;
   opened.length=plain.size-1;
   opened.next=plain.size;
   return(true);
  }

// Takes the operator's keys. Empty when they can work, else what is wrong; never the key itself.
string BwCurveSetup(BwCurve &c,const string serverKey,const string secretKey)
  {
   uchar key[];
   c.enabled=(serverKey!="" || secretKey!="");
   if(!c.enabled)
      return("");
   if(!BwZ85Key(serverKey,key))
      return("the runtime's public key is not 40 characters of Z85");
   BwCopyKey(c.server,key);
   if(!BwZ85Key(secretKey,key))
      return("the secret key of this EA is not 40 characters of Z85");
   BwCopyKey(c.ownSecret,key);
   BwX25519Public(key,c.ownSecret);
   BwCopyKey(c.ownPublic,key);
   return("");
  }

#endif
