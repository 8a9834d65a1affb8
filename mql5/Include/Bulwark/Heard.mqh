// The message that is being handled: its envelope, and its fields by name. A field that is missing
// or of the wrong kind sets `bad`, which the handler asks once, after it has read all of them.
#ifndef BULWARK_HEARD_MQH
#define BULWARK_HEARD_MQH

#include "JsonRead.mqh"

struct BwHeard
  {
   BwJson            json;
   string            kind;
   string            id;
   string            session;
   bool              claimed;
   long              epoch;
   string            instance;
   long              seq;
   string            trace;
   // Name of the first field that is not as the protocol says; empty while all are.
   string            bad;
  };

BwHeard g_bwHeard;

void BwBad(const string field)
  {
   if(g_bwHeard.bad=="")
      g_bwHeard.bad=field;
  }

int BwChild(const int object,const string name)
  {
   return(BwJsonField(g_bwHeard.json,object,name));
  }

int BwKindOf(const int node)
  {
   return(node<0 ? -1 : g_bwHeard.json.kind[node]);
  }

bool BwIsNull(const int object,const string name)
  {
   return(BwKindOf(BwChild(object,name))==BW_JSON_NULL);
  }

string BwTextIn(const int object,const string name)
  {
   const int node=BwChild(object,name);
   if(BwKindOf(node)!=BW_JSON_STRING || g_bwHeard.json.to[node]-g_bwHeard.json.from[node]>BW_TEXT_CHARS)
     {
      BwBad(name);
      return("");
     }
   return(BwJsonText(g_bwHeard.json,node));
  }

string BwTextOrNullIn(const int object,const string name)
  {
   return(BwIsNull(object,name) ? "" : BwTextIn(object,name));
  }

long BwIntIn(const int object,const string name)
  {
   long value=0;
   if(!BwJsonInt(g_bwHeard.json,BwChild(object,name),value))
      BwBad(name);
   return(value);
  }

long BwCountIn(const int object,const string name)
  {
   const long value=BwIntIn(object,name);
   if(value<0)
      BwBad(name);
   return(value<0 ? 0 : value);
  }

string BwDecimalIn(const int object,const string name)
  {
   const string text=BwTextIn(object,name);
   if(!BwIsDecimal(text))
      BwBad(name);
   return(text);
  }

// Empty for null.
string BwDecimalOrNullIn(const int object,const string name)
  {
   return(BwIsNull(object,name) ? "" : BwDecimalIn(object,name));
  }

ulong BwTicketIn(const int object,const string name)
  {
   ulong value=0;
   if(!BwParseUlong(BwTextIn(object,name),value))
      BwBad(name);
   return(value);
  }

ulong BwTicketOrNullIn(const int object,const string name)
  {
   return(BwIsNull(object,name) ? (ulong)0 : BwTicketIn(object,name));
  }

bool BwBoolIn(const int object,const string name)
  {
   const int node=BwChild(object,name);
   if(BwKindOf(node)!=BW_JSON_BOOL)
     {
      BwBad(name);
      return(false);
     }
   return(g_bwHeard.json.text.data[g_bwHeard.json.from[node]]=='t');
  }

// One of a list "a|b|c".
string BwOneOfIn(const int object,const string name,const string allowed)
  {
   const string text=BwTextIn(object,name);
   if(text=="" || StringFind(text,"|")>=0 || StringFind("|"+allowed+"|","|"+text+"|")<0)
      BwBad(name);
   return(text);
  }

int BwObjectIn(const int object,const string name)
  {
   const int node=BwChild(object,name);
   if(BwKindOf(node)!=BW_JSON_OBJECT)
      BwBad(name);
   return(node);
  }

// First item of an array, or -1; BwNextItem gives the following ones.
int BwItemsIn(const int object,const string name)
  {
   const int node=BwChild(object,name);
   if(BwKindOf(node)!=BW_JSON_ARRAY)
     {
      BwBad(name);
      return(-1);
     }
   return(g_bwHeard.json.after[node]>node+1 ? node+1 : -1);
  }

int BwNextItem(const int object,const string name,const int item)
  {
   const int array=BwChild(object,name);
   const int next=g_bwHeard.json.after[item];
   return(next<g_bwHeard.json.after[array] ? next : -1);
  }

#define BW_HEARD_GOOD 0
#define BW_HEARD_MALFORMED 1
#define BW_HEARD_VERSION 2
#define BW_HEARD_TOO_LARGE 3

void BwHeardClaim()
  {
   g_bwHeard.claimed=false;
   g_bwHeard.epoch=0;
   g_bwHeard.instance="";
   if(BwIsNull(0,"claim"))
      return;
   const int claim=BwObjectIn(0,"claim");
   g_bwHeard.epoch=BwCountIn(claim,"epoch");
   g_bwHeard.instance=BwTextIn(claim,"instance");
   g_bwHeard.claimed=true;
  }

// Reads the envelope of a message whose first part is `text` and which had `parts` parts.
int BwHear(const BwBytes &text,const int parts)
  {
   g_bwHeard.bad="";
   g_bwHeard.id="";
   g_bwHeard.kind="";
   g_bwHeard.trace="";
   if(text.size>BW_MESSAGE_BYTES)
      return(BW_HEARD_TOO_LARGE);
   BwClear(g_bwHeard.json.text);
   BwPutBytes(g_bwHeard.json.text,text);
   if(parts>BW_MESSAGE_PARTS || !BwJsonParse(g_bwHeard.json) || BwKindOf(0)!=BW_JSON_OBJECT)
      return(BW_HEARD_MALFORMED);
   if(BwKindOf(BwChild(0,"id"))==BW_JSON_STRING)
      g_bwHeard.id=BwTextIn(0,"id");
   if(BwIntIn(0,"v")!=BW_PROTOCOL)
      return(BW_HEARD_VERSION);
   g_bwHeard.kind=BwTextIn(0,"kind");
   BwTextIn(0,"id");
   BwTextOrNullIn(0,"re");
   g_bwHeard.session=BwTextIn(0,"session");
   BwHeardClaim();
   g_bwHeard.seq=BwCountIn(0,"seq");
   BwIntIn(BwObjectIn(0,"ts"),"mono");
   g_bwHeard.trace=BwTextOrNullIn(0,"trace");
   return(g_bwHeard.bad=="" ? BW_HEARD_GOOD : BW_HEARD_MALFORMED);
  }

#endif
