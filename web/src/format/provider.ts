const NAMES: Record<string, string> = {
  ollama: 'Ollama',
  lmstudio: 'LM Studio',
  openai: 'OpenAI API',
  gemini: 'Gemini',
};

/** How a provider of language models writes itself. */
export const providerName = (provider: string): string => NAMES[provider] ?? provider;
