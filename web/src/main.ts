import { mount } from 'svelte';
import App from './App.svelte';
import { i18n } from './i18n/index.svelte';
import { removals } from './jobs/removals.svelte';
import { uploads } from './library/uploads.svelte';
import { recording } from './record/recording.svelte';
import { router } from './shell/router.svelte';
import { look } from './shell/theme.svelte';
import './styles/tokens.css';
import './styles/base.css';

look.start();
router.start();
removals.start();
uploads.start();
recording.start();
await i18n.start();

mount(App, { target: document.getElementById('app') ?? document.body });
