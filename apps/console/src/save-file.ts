/** Has the browser save something under a name. Nothing of it stays in the page. */
export function saveFile(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has read it when the click returns; what stays in memory would hold it.
  URL.revokeObjectURL(url);
}
