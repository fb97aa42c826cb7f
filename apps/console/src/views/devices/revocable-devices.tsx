import { useState, type ReactElement } from "react";
import { DeviceCard, type ShownDevice } from "./device-card.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";

/** Props of {@link RevocableDevices}. */
export interface RevocableDevicesProps {
  readonly patient: string;
  readonly devices: readonly ShownDevice[];
  /** A phone counts no more. @param name - The phone's. */
  readonly onRevoked: (name: string) => void;
}

/** Phones that still count, each of which can be revoked. */
export function RevocableDevices(props: RevocableDevicesProps): ReactElement {
  const { patient, devices, onRevoked } = props;
  const [asked, setAsked] = useState<ShownDevice>();
  return (
    <>
      <ul className="siphms-cards">
        {devices.map((device) => (
          <DeviceCard key={device.kid} device={device} onRevoke={setAsked} />
        ))}
      </ul>
      {asked === undefined ? null : (
        <RevokeDialog
          patient={patient}
          device={asked}
          onClose={() => setAsked(undefined)}
          onRevoked={({ name }) => {
            setAsked(undefined);
            onRevoked(name);
          }}
        />
      )}
    </>
  );
}
