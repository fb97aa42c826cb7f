import type { ReactElement } from "react";
import { Route, Routes } from "react-router";
import { useEmergency } from "./emergency/emergency.ts";
import { WithRecords } from "./live/with-records.tsx";
import { Enter } from "./session/enter.tsx";
import { Gate } from "./session/gate.tsx";
import { useSignedIn } from "./session/session.ts";
import { WithAlarm } from "./sound/with-alarm.tsx";
import { Pages } from "./views/shell/pages.tsx";
import { isCaring } from "./views/shell/places.ts";
import { Shell } from "./views/shell/shell.tsx";

/** Everything behind the session; patients, their live stream and what is heard of them only for those who look after them. */
function SignedIn(): ReactElement {
  const { role } = useSignedIn().staff;
  const emergency = useEmergency();
  const page = (
    <Shell>
      <Pages role={role} />
    </Shell>
  );
  if (!isCaring(role)) return page;
  return (
    <WithRecords>{emergency === undefined ? <WithAlarm>{page}</WithAlarm> : page}</WithRecords>
  );
}

/** The console: the link that opens a session, and what is behind it. */
export function App(): ReactElement {
  return (
    <Routes>
      <Route path="/enter" element={<Enter />} />
      <Route
        path="*"
        element={
          <Gate>
            <SignedIn />
          </Gate>
        }
      />
    </Routes>
  );
}
