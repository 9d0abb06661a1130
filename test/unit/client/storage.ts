/** A browser's storage area, with its entries in sight. */
export const createStorage = () => {
  const entries = new Map<string, string>();
  return {
    entries,
    getItem: (key: string): string | null => entries.get(key) ?? null,
    setItem: (key: string, value: string): void => void entries.set(key, value),
    removeItem: (key: string): void => void entries.delete(key),
  };
};
