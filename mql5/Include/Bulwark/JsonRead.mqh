// A strict, bounded JSON reader over bytes. It never trusts its input: depth, number of nodes and
// sizes are limited, UTF-8 is checked, and nothing is allocated from a number that was read.
#ifndef BULWARK_JSON_READ_MQH
#define BULWARK_JSON_READ_MQH

#include "Bytes.mqh"
#include "Numbers.mqh"

#define BW_JSON_NULL 0
#define BW_JSON_BOOL 1
#define BW_JSON_NUMBER 2
#define BW_JSON_STRING 3
#define BW_JSON_ARRAY 4
#define BW_JSON_OBJECT 5

// Nodes in the order of the text. A container's children follow it; `after` is the index behind its
// last one. In an object names and values alternate.
struct BwJson
  {
   BwBytes           text;
   int               kind[];
   int               from[];
   int               to[];
   int               after[];
   int               count;
   int               at;
  };

int BwJsonPeek(const BwJson &j)
  {
   return(j.at<j.text.size ? (int)j.text.data[j.at] : -1);
  }

void BwJsonSpace(BwJson &j)
  {
   while(j.at<j.text.size)
     {
      const int unit=(int)j.text.data[j.at];
      if(unit!=' ' && unit!='\t' && unit!='\n' && unit!='\r')
         return;
      j.at++;
     }
  }

// Index of the new node, or -1 when there are too many.
int BwJsonNode(BwJson &j,const int kind)
  {
   if(j.count>=BW_JSON_NODES)
      return(-1);
   if(j.count>=ArraySize(j.kind))
     {
      const int grown=j.count+1024;
      if(ArrayResize(j.kind,grown)<grown || ArrayResize(j.from,grown)<grown ||
         ArrayResize(j.to,grown)<grown || ArrayResize(j.after,grown)<grown)
         return(-1);
     }
   const int node=j.count;
   j.kind[node]=kind;
   j.from[node]=j.at;
   j.to[node]=j.at;
   j.after[node]=node+1;
   j.count++;
   return(node);
  }

bool BwIsHexDigit(const int unit)
  {
   return(BwIsDigit(unit) || (unit>='a' && unit<='f') || (unit>='A' && unit<='F'));
  }

int BwHexValue(const int unit)
  {
   if(BwIsDigit(unit))
      return(unit-'0');
   return((unit>='a') ? unit-'a'+10 : unit-'A'+10);
  }

// The number behind \u, which starts at `at`; -1 when four hex digits are not there.
int BwHexUnit(const BwJson &j,const int at,const int end)
  {
   if(at+4>end)
      return(-1);
   int value=0;
   for(int i=0; i<4; i++)
     {
      const int unit=(int)j.text.data[at+i];
      if(!BwIsHexDigit(unit))
         return(-1);
      value=value*16+BwHexValue(unit);
     }
   return(value);
  }

bool BwJsonEscape(BwJson &j)
  {
   j.at++;
   const int unit=BwJsonPeek(j);
   if(unit=='u')
     {
      // U+0000 would end the terminal's strings early: nobody has a use for it here.
      if(BwHexUnit(j,j.at+1,j.text.size)<=0)
         return(false);
      j.at+=5;
      return(true);
     }
   if(unit!='"' && unit!='\\' && unit!='/' && unit!='b' && unit!='f' && unit!='n' && unit!='r' &&
      unit!='t')
      return(false);
   j.at++;
   return(true);
  }

bool BwJsonString(BwJson &j)
  {
   j.at++;
   const int node=BwJsonNode(j,BW_JSON_STRING);
   if(node<0)
      return(false);
   while(j.at<j.text.size)
     {
      const int unit=(int)j.text.data[j.at];
      if(unit=='"')
        {
         j.to[node]=j.at;
         j.at++;
         return(BwIsUtf8(j.text.data,j.from[node],j.to[node]));
        }
      if(unit<32)
         return(false);
      if(unit=='\\')
        {
         if(!BwJsonEscape(j))
            return(false);
        }
      else
         j.at++;
     }
   return(false);
  }

int BwJsonDigits(BwJson &j)
  {
   const int from=j.at;
   while(BwIsDigit(BwJsonPeek(j)))
      j.at++;
   return(j.at-from);
  }

bool BwJsonNumber(BwJson &j)
  {
   const int node=BwJsonNode(j,BW_JSON_NUMBER);
   if(node<0)
      return(false);
   if(BwJsonPeek(j)=='-')
      j.at++;
   const bool zero=(BwJsonPeek(j)=='0');
   const int whole=BwJsonDigits(j);
   if(whole==0 || (zero && whole>1))
      return(false);
   if(BwJsonPeek(j)=='.')
     {
      j.at++;
      if(BwJsonDigits(j)==0)
         return(false);
     }
   if(BwJsonPeek(j)=='e' || BwJsonPeek(j)=='E')
     {
      j.at++;
      if(BwJsonPeek(j)=='+' || BwJsonPeek(j)=='-')
         j.at++;
      if(BwJsonDigits(j)==0)
         return(false);
     }
   j.to[node]=j.at;
   return(true);
  }

bool BwJsonWord(BwJson &j,const string word,const int kind)
  {
   const int node=BwJsonNode(j,kind);
   const int length=StringLen(word);
   if(node<0 || j.at+length>j.text.size)
      return(false);
   for(int i=0; i<length; i++)
      if((int)j.text.data[j.at+i]!=(int)StringGetCharacter(word,i))
         return(false);
   j.at+=length;
   j.to[node]=j.at;
   return(true);
  }

bool BwJsonScalar(BwJson &j)
  {
   const int unit=BwJsonPeek(j);
   if(unit=='"')
      return(BwJsonString(j));
   if(unit=='t')
      return(BwJsonWord(j,"true",BW_JSON_BOOL));
   if(unit=='f')
      return(BwJsonWord(j,"false",BW_JSON_BOOL));
   if(unit=='n')
      return(BwJsonWord(j,"null",BW_JSON_NULL));
   return(BwJsonNumber(j));
  }

bool BwJsonName(BwJson &j)
  {
   BwJsonSpace(j);
   if(BwJsonPeek(j)!='"' || !BwJsonString(j))
      return(false);
   BwJsonSpace(j);
   if(BwJsonPeek(j)!=':')
      return(false);
   j.at++;
   return(true);
  }

// Containers nest by recursion, which `depth` bounds.
bool BwJsonValue(BwJson &j,const int depth)
  {
   BwJsonSpace(j);
   const int unit=BwJsonPeek(j);
   if(unit!='{' && unit!='[')
      return(BwJsonScalar(j));
   if(depth>=BW_JSON_DEPTH)
      return(false);
   const bool named=(unit=='{');
   const int closing=named ? '}' : ']';
   const int node=BwJsonNode(j,named ? BW_JSON_OBJECT : BW_JSON_ARRAY);
   if(node<0)
      return(false);
   j.at++;
   BwJsonSpace(j);
   bool more=(BwJsonPeek(j)!=closing);
   while(more)
     {
      if(named && !BwJsonName(j))
         return(false);
      if(!BwJsonValue(j,depth+1))
         return(false);
      BwJsonSpace(j);
      more=(BwJsonPeek(j)==',');
      if(more)
         j.at++;
     }
   if(BwJsonPeek(j)!=closing)
      return(false);
   j.at++;
   j.to[node]=j.at;
   j.after[node]=j.count;
   return(true);
  }

// Reads `text`. False: it is not JSON, or beyond a bound; nothing of it may then be used.
bool BwJsonParse(BwJson &j)
  {
   j.count=0;
   j.at=0;
   if(j.text.overflow || !BwJsonValue(j,0))
      return(false);
   BwJsonSpace(j);
   return(j.at==j.text.size);
  }

bool BwJsonNameIs(const BwJson &j,const int node,const string name)
  {
   const int length=StringLen(name);
   if(j.to[node]-j.from[node]!=length)
      return(false);
   for(int i=0; i<length; i++)
      if((int)j.text.data[j.from[node]+i]!=(int)StringGetCharacter(name,i))
         return(false);
   return(true);
  }

// Node of a field, or -1. Of two fields with one name the last counts, as in JavaScript.
int BwJsonField(const BwJson &j,const int object,const string name)
  {
   int found=-1;
   if(object<0 || object>=j.count || j.kind[object]!=BW_JSON_OBJECT)
      return(-1);
   int at=object+1;
   while(at<j.after[object])
     {
      if(BwJsonNameIs(j,at,name))
         found=at+1;
      at=j.after[at+1];
     }
   return(found);
  }

// Puts one escape into `out`; returns the index behind it.
int BwUnescape(const BwJson &j,const int at,const int end,BwBytes &out)
  {
   const int unit=(int)j.text.data[at+1];
   if(unit!='u')
     {
      int plain=unit;
      if(unit=='b')
         plain=8;
      if(unit=='f')
         plain=12;
      if(unit=='n')
         plain=10;
      if(unit=='r')
         plain=13;
      if(unit=='t')
         plain=9;
      BwPutByte(out,plain);
      return(at+2);
     }
   int code=BwHexUnit(j,at+2,end);
   int next=at+6;
   if(BwIsHighSurrogate(code) && next+6<=end && j.text.data[next]=='\\' && j.text.data[next+1]=='u')
     {
      const int low=BwHexUnit(j,next+2,end);
      if(BwIsLowSurrogate(low))
        {
         code=0x10000+((code-0xD800)<<10)+(low-0xDC00);
         next+=6;
        }
     }
   if(BwIsHighSurrogate(code) || BwIsLowSurrogate(code))
      code=0xFFFD;
   BwPutPoint(out,code);
   return(next);
  }

// Text of a string node; of any other node the text as it stands.
string BwJsonText(const BwJson &j,const int node)
  {
   BwBytes plain;
   BwClear(plain);
   int at=j.from[node];
   const int end=j.to[node];
   while(at<end)
     {
      if(j.kind[node]==BW_JSON_STRING && j.text.data[at]=='\\')
         at=BwUnescape(j,at,end,plain);
      else
        {
         BwPutByte(plain,(int)j.text.data[at]);
         at++;
        }
     }
   return(BwTextOf(plain.data,0,plain.size));
  }

// A whole number within the range that a double holds exactly.
bool BwJsonInt(const BwJson &j,const int node,long &value)
  {
   value=0;
   if(node<0 || j.kind[node]!=BW_JSON_NUMBER || j.to[node]-j.from[node]>17)
      return(false);
   if(!BwParseScaled(BwJsonText(j,node),0,value))
      return(false);
   const long most=((long)1<<53)-1;
   return(value>=-most && value<=most);
  }

#endif
