export const;
