import 'uplot/dist/uPlot.min.css';
import './style.css';
import { render } from 'preact';
import { Actor } from './actor.tsx';
import { logOut, whoAmI } from './api.ts';
import { Login, Rearm, Story } from './dialogs.tsx';
import { Equity } from './equity.tsx';
import { Header } from './header.tsx';
import { Heatmap, Pairs } from './performance.tsx';
import { Positions } from './positions.tsx';
import { Progress } from './progress.tsx';
import { Events, Orders } from './records.tsx';
import { level, loginWanted, mayRead } from './store.ts';
import { follow, keepTime } from './stream.ts';
import { Tree } from './tree.tsx';
import { Why } from './why.tsx';

const Page = () => (
  <>
    <Header />
    <main>
      <Rearm />
      <Positions />
      <Equity />
      <Why />
      <Progress />
      <Orders />
      <Events />
      <Tree />
      <Actor />
      <Pairs />
      <Heatmap />
    </main>
    <footer>
      <a href="/docs">API</a> · <a href="/metrics">Metrics</a> · <a href="/health">Health</a>{' '}
      {level.value === 'stranger' ? null : (
        <button type="button" onClick={() => void logOut()}>
          Log out
        </button>
      )}
    </footer>
    <Login />
    <Story />
  </>
);

await whoAmI();
if (!mayRead.value) loginWanted.value = true;
const place = document.getElementById('page');
place?.replaceChildren();
if (place !== null) render(<Page />, place);
follow();
keepTime();
