import type { ReactNode } from 'react';
import { Button } from '../../shared/ui/button.tsx';
import { Field } from '../../shared/ui/field.tsx';

interface AddressFormProps {
  readonly address: string;
  readonly onChange: (address: string) => void;
  readonly error: string | null;
  readonly looking: boolean;
  readonly onLook: () => void;
  readonly children: ReactNode;
}

export function AddressForm({ address, error, onChange, looking, onLook, children }: AddressFormProps) {
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!looking) onLook();
      }}
    >
      <Field
        label="Address of your SAP Service Layer"
        hint="From your SAP partner, for example https://sap.example.com:50000/b1s/v2"
        value={address}
        error={error}
        onChange={onChange}
        maxLength={300}
      />
      {children}
      <div className="buttons">
        <Button kind="primary" type="submit" off={looking}>
          {looking ? 'Looking…' : 'Look at this server'}
        </Button>
        <span className="soft small">No password is sent yet; only the server’s certificate is read.</span>
      </div>
    </form>
  );
}
