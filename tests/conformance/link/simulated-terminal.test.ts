import { simulatedWorld } from './simulated-world.ts';
import { linkConformance } from './suite.ts';

linkConformance(simulatedWorld);
