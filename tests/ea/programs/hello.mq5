//+------------------------------------------------------------------+
//| A script that runs without a terminal.                           |
//+------------------------------------------------------------------+
#property script_show_inputs
#property version "1.00"
input group "a group"
input string InpName = "world"; // who
input int    InpTimes = 2;

/* a block
   comment */
uint FoldBytes(const uchar &data[], const int from)
  {
   uint sum = 0;
   for(int i = from; i < ArraySize(data); i++)
      sum = sum * 31 + data[i];
   return sum;
  }

void OnStart()
  {
   uchar bytes[];
   uint table[4] = {1, 2, 3};
   int n = StringToCharArray("hello " + InpName, bytes, 0, -1, CP_UTF8);
   PrintFormat("%s %d %I64u %.2f", InpName, n, ULONG_MAX, 1.5);
   Print("times ", InpTimes, " ", FoldBytes(bytes, 0) & table[1], " ", D'2024.03.04 10:11:12');
  }
