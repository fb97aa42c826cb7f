import type { ReactElement } from "react";
import { Route, Routes } from "react-router";
import { WithRecords } from "./live/with-records.tsx";
import { Enter } from "./session/enter.tsx";
import { Gate } from "./session/gate.tsx";
import { useSignedIn } from "./session/session.ts";
import { Pages } from "./views/shell/pages.tsx";
import { isCaring } from "./views/shell/places.ts";
import { Shell } from "./views/shell/shell.tsx";

/** Everything behind the session; the list of patients and its live stream only for those who look after them. */
function SignedIn(): ReactElement {
  const { role } = useSignedIn().staff;
  const page = (
    <Shell>
      <Pages role={role} />
    </Shell>
  );
  return isCaring(role) ? <WithRecords>{page}</WithRecords> : page;
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
