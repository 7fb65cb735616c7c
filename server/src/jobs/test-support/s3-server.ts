import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";

/** A server that speaks S3, on a free port of the loopback interface. It takes the key S3RVER with the secret S3RVER. */
export class S3Server {
  private constructor(
    private readonly server: S3rver,
    private readonly folder: string,
    readonly endpoint: string,
  ) {}

  static async start(bucket: string): Promise<S3Server> {
    const folder = await mkdtemp(join(tmpdir(), "carousel-s3-"));
    const server = new S3rver({
      address: "127.0.0.1",
      port: 0,
      silent: true,
      directory: folder,
      configureBuckets: [{ name: bucket, configs: [] }],
    });
    const { port } = await server.run();
    return new S3Server(server, folder, `http://127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    await this.server.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
