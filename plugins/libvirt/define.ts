import { VirtflowError } from '../../lib/model/errors.ts';
import { type DomainDefinition, readDomain } from './domain-xml/domain-definition.ts';
import { LibvirtError } from './rpc/index.ts';
import { readXml, XmlError } from './xml/xml-reader.ts';

/** Reads a definition that somebody gave, before the hypervisor sees it. @throws DEFINITION_INVALID */
export function readDefinition(xml: string): DomainDefinition {
  try {
    const { name } = readXml(xml);
    if (name !== 'domain') throw new XmlError(`it is a <${name}>, not a <domain>`);
    return readDomain(xml);
  } catch (error) {
    if (error instanceof XmlError) throw new VirtflowError('DEFINITION_INVALID', { reason: error.message });
    throw error;
  }
}

/**
 * What libvirt has against a definition often comes under a number that says little: INTERNAL_ERROR, INVALID_ARG,
 * OPERATION_FAILED (the name or the UUID is taken), VIR_ERR_XML_* and more. It stores all of a definition or nothing.
 */
export function definitionError(error: unknown): VirtflowError | undefined {
  if (!(error instanceof LibvirtError) || !faultsOfDefinition.has(error.code)) return undefined;
  const { message: reason, code: hypervisorCode } = error;
  return new VirtflowError('DEFINITION_INVALID', { reason, hypervisorCode }, { cause: error });
}

const faultsOfDefinition = new Set([1, 8, 9, 16, 17, 18, 19, 20, 21, 22, 23, 27, 28, 35, 44, 67, 74, 84, 92]);
