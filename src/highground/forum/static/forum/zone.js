// Chooses the time zone of the device, as long as nobody has chosen one. Without a script the forum's own stays.
'use strict';
(() => {
  const CALLED = { 'Asia/Saigon': 'Asia/Ho_Chi_Minh', 'Asia/Rangoon': 'Asia/Yangon', 'Asia/Katmandu': 'Asia/Kathmandu', 'Asia/Calcutta': 'Asia/Kolkata' };
  const field = document.querySelector('select[name=time_zone], select[name=zone]');
  if (!field || document.querySelector('.govuk-error-summary') || new URLSearchParams(location.search).has('zone')) return;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const found = CALLED[here] ?? here;
  if ([...field.options].some((one) => one.value === found)) field.value = found;
})();
