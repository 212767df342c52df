const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** `1.1 MB`: bytes in powers of a thousand. */
export function size(bytes: number, locale: string): string {
  let value = bytes;
  let step = 0;
  while (value >= 999.5 && step < SIZES.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = step === 0 || value >= 99.5 ? 0 : 1;
  const unit = SIZES[step] ?? 'byte';
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: digits }).format(value);
}

/** `42%` of a share from 0 to 1; never 100 before it is all. */
export function percent(share: number, locale: string): string {
  const shown = share >= 1 ? 1 : Math.floor(Math.max(0, share) * 100) / 100;
  return new Intl.NumberFormat(locale, { style: 'percent' }).format(shown);
}
