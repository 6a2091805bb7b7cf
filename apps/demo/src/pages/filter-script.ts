/** Runs in the report: hides the packages that do not match. Without it the whole list is simply there. */
export const FILTER_SCRIPT = `
const filter = document.querySelector('[data-filter]');
const rows = filter.closest('.card').querySelectorAll('tbody tr');
const texts = Array.from(rows, (row) => row.textContent.toLowerCase());
filter.hidden = false;
filter.addEventListener('input', () => {
  const wanted = filter.value.trim().toLowerCase();
  rows.forEach((row, index) => { row.hidden = !texts[index].includes(wanted); });
});
`;
