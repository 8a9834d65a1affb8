import { CompileError, compileProgram } from './toolchain.ts';

/** `npm run compile:mql5 -- FILE…`: compiles each program against the shim; prints the executables. */
for (const file of process.argv.slice(2)) {
  try {
    console.log(compileProgram(file));
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
