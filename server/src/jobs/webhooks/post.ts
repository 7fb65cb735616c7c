import { lookup } from "node:dns";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { Networks } from "./networks.js";

export interface Message {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly networks: Networks;
  readonly signal: AbortSignal;
}

/**
 * Posts JSON to a URL and gives the status of the answer, whose content is not read; redirects are not followed. The name is
 * looked up once, all its addresses must be of `networks`, and the connection goes to one of them: a name that has another
 * address a moment later leads nowhere else.
 * @throws Error when there is no answer, or the address is none that may be called
 */
export function post(url: URL, { body, headers, networks, signal }: Message): Promise<number> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) && !networks.holds(host)) return Promise.reject(new Error(notAllowed(host)));
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        method: "POST",
        // a connection that was made for another call was not looked up for this one
        agent: false,
        headers: { ...headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) },
        lookup: lookupIn(networks),
        signal,
      },
      (response) => {
        response.destroy();
        resolve(response.statusCode!);
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}

function lookupIn(networks: Networks): LookupFunction {
  return (name, options, callback) => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      const refused = addresses?.find(({ address }) => !networks.holds(address));
      if (error) callback(error, "");
      else if (refused) callback(new Error(notAllowed(refused.address)), "");
      else if (options.all) callback(null, addresses);
      else callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}

function notAllowed(address: string): string {
  return `${address} is not an address of the public internet, and not one that the server may call`;
}
