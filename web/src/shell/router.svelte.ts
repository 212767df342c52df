import { parseRoute, type Route } from './routes';

class Router {
  route = $state.raw<Route>(parseRoute(location.hash));

  start(): void {
    addEventListener('hashchange', () => (this.route = parseRoute(location.hash)));
  }

  go(hash: string): void {
    location.hash = hash;
  }
}

/** What the page shows, as its address says. */
export const router = new Router();
