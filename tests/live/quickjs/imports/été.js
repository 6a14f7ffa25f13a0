export const name = "été";
