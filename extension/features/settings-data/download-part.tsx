import { useMutation } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useRuntime } from '../../shared/runtime/runtime.ts';
import { useOneAtATime } from '../../shared/runtime/use-one-at-a-time.ts';
import { Button } from '../../shared/ui/button.tsx';
import { FormFailure } from '../../shared/ui/failure-view.tsx';

/**
 * Fetched with the page's own token and then offered as a file: a link to the server could not carry the token. The file stays
 * there to be saved by hand, where the frame does not let it be saved by itself.
 */
export function DownloadPart() {
  const { api } = useRuntime();
  const { mutateAsync, isPending, error, data } = useMutation({
    mutationFn: async (_press: undefined) => {
      const { name, content } = await api.download('/api/settings/export');
      return { name, href: URL.createObjectURL(content) };
    },
    onSuccess: ({ name, href }) => save(name, href),
  });
  const href = data?.href;
  useEffect(() => {
    return () => {
      if (href !== undefined) URL.revokeObjectURL(href);
    };
  }, [href]);
  const download = useOneAtATime(mutateAsync);
  return (
    <>
      <Button off={isPending} onPress={() => download(undefined)}>
        {isPending ? 'Collecting…' : 'Download your data'}
      </Button>
      {data ? (
        <a className="second" href={data.href} download={data.name}>
          Save {data.name}
        </a>
      ) : null}
      {error ? <FormFailure error={error} /> : null}
    </>
  );
}

function save(name: string, href: string): void {
  const link = document.createElement('a');
  link.href = href;
  link.download = name;
  link.click();
}
