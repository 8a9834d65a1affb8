// One line for each promise of the documentation: the test of a function of the shim.
#ifndef SHIM_SAYS_MQH
#define SHIM_SAYS_MQH

void Says(const string function,const string promise,const bool holds)
  {
   Print((holds ? "ok " : "FAILED ")+function+": "+promise);
  }

#endif
